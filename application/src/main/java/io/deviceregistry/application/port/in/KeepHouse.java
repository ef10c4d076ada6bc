package io.deviceregistry.application.port.in;

/** Does what becomes due by the passing of time alone. */
public interface KeepHouse {

    /**
     * Takes a small step in each chore: devices unseen for long become invalid, devices removed, answers remembered and
     * imports done long ago are deleted, erasures are completed, imports that broke off are ended. A chore that fails is logged and left for later, and the
     * others are done. Any number of processes may call at once.
     *
     * @return whether there is more to do at once
     */
    boolean step();

    /**
     * Takes a step of what the store does for its own sake, such as encrypting some devices anew with a new key. How
     * often it is called decides how much of the store's strength it takes.
     */
    void maintain();
}
