package io.deviceregistry.application.port.in;

/** Does what becomes due by the passing of time alone. */
public interface KeepHouse {

    /**
     * Takes a small step in each chore: devices unseen for long become invalid, devices removed long ago and answers
     * remembered for long are deleted, erasures are completed. A chore that fails is logged and left for later, and the
     * others are done. Any number of processes may call at once.
     *
     * @return whether there is more to do at once
     */
    boolean step();
}
