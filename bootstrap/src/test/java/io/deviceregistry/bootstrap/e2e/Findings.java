package io.deviceregistry.bootstrap.e2e;

import io.deviceregistry.bootstrap.e2e.ProviderRecord.Entry;
import io.deviceregistry.bootstrap.e2e.ProviderRecord.SecondHolder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What three records come to when they are compared: what callers had acknowledged, what the registry says, what Bunce
 * received and holds.
 *
 * @param lost acknowledged, and not active in the registry with its token, or not at Bunce
 * @param risen removed or replaced, and active in the registry all the same
 * @param unknown active in the registry or at Bunce, and nobody asked for it
 * @param duplicates devices that Bunce has, or got, more than once, and former tokens that it still has
 * @param stale the former tokens among them, under which pushes still reach whoever has them now
 * @param unexplained devices with more of them than the registry recorded unconfirmed attempts
 * @param early devices with more of them than there were late requests
 * @param twoHolders tokens that two customers had at Bunce for a while
 * @param twoHoldersUnexplained those where the device that should not have had it has no unconfirmed attempt
 */
record Findings(
        List<String> lost,
        List<String> risen,
        List<String> unknown,
        int duplicates,
        int stale,
        List<Case> unexplained,
        List<Case> early,
        int twoHolders,
        List<Case> twoHoldersUnexplained) {

    /**
     * A device that Bunce has and should not, and in what way.
     *
     * @param customers whom it is about
     */
    record Case(KnownDevice device, Set<String> customers, String words) {}

    /** What the registry says. */
    record Registry(Map<Entry, String> activeDeviceIds, Map<String, Integer> unconfirmedAttempts) {
        int unconfirmed(KnownDevice device) {
            return unconfirmedAttempts.getOrDefault(device.id(), 0);
        }
    }

    /**
     * In what way Bunce has a device too often.
     *
     * @param surplus devices that it has and should not
     * @param stale those under former tokens
     * @param repeated creations after the first of a token
     * @param late requests about it that took effect late
     */
    private record Excess(int surplus, int stale, int repeated, int late) {
        static Excess of(KnownDevice device, ProviderRecord provider) {
            int surplus = 0;
            int stale = 0;
            int repeated = 0;
            int late = 0;
            for (String token : device.tokens()) {
                Entry entry = new Entry(device.customer(), token);
                boolean due = device.isActive() && token.equals(device.token());
                surplus += Math.max(0, provider.live(entry) - (due ? 1 : 0));
                stale += due ? 0 : provider.live(entry);
                repeated += Math.max(0, provider.creations(entry) - 1);
                late += provider.late(entry);
            }
            return new Excess(surplus, stale, repeated, late);
        }

        int count() {
            return Math.max(surplus, repeated);
        }

        Case but(KnownDevice device, String reason) {
            return new Case(
                    device,
                    Set.of(device.customer()),
                    "%s of %s: %d too many (%d of former tokens), %d created again, but %s"
                            .formatted(device.token(), device.customer(), surplus, stale, repeated, reason));
        }
    }

    static Findings of(List<KnownDevice> known, Registry registry, ProviderRecord provider) {
        List<String> lost = new ArrayList<>();
        List<Case> unexplained = new ArrayList<>();
        List<Case> early = new ArrayList<>();
        int duplicates = 0;
        int stale = 0;
        Set<Entry> expected = new HashSet<>();
        Map<Entry, KnownDevice> ever = new HashMap<>();
        for (KnownDevice device : known) {
            device.tokens().forEach(token -> ever.put(new Entry(device.customer(), token), device));
            if (device.isActive()) {
                Entry current = new Entry(device.customer(), device.token());
                expected.add(current);
                String inRegistry = registry.activeDeviceIds().get(current);
                if (!device.id().equals(inRegistry)) {
                    lost.add(current + " is " + device.id() + ", and in the registry " + inRegistry);
                }
                if (provider.live(current) == 0) {
                    lost.add(current + " is not at Bunce");
                }
            }
            Excess excess = Excess.of(device, provider);
            int unconfirmed = registry.unconfirmed(device);
            duplicates += excess.count();
            stale += excess.stale();
            if (excess.count() > unconfirmed) {
                unexplained.add(excess.but(device, unconfirmed + " unconfirmed attempts"));
            }
            if (excess.count() > excess.late()) {
                early.add(excess.but(device, excess.late() + " late requests"));
            }
        }

        List<String> risen = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Entry active : registry.activeDeviceIds().keySet()) {
            if (!ever.containsKey(active)) {
                unknown.add(active + " in the registry");
            } else if (!expected.contains(active)) {
                risen.add(active + " is active in the registry");
            }
        }
        provider.entries().stream()
                .filter(entry -> !ever.containsKey(entry))
                .forEach(entry -> unknown.add(entry + " at Bunce"));
        List<Case> twoHoldersUnexplained = new ArrayList<>();
        for (SecondHolder second : provider.secondHolders()) {
            KnownDevice device = ever.get(second.late());
            if (device == null) {
                unknown.add(second.late() + " at Bunce, for a while");
            } else if (registry.unconfirmed(device) == 0) {
                twoHoldersUnexplained.add(new Case(
                        device,
                        Set.of(second.late().customer(), second.other().customer()),
                        second.late() + " beside " + second.other() + ", but no unconfirmed attempt"));
            }
        }
        return new Findings(
                lost,
                risen,
                unknown,
                duplicates,
                stale,
                unexplained,
                early,
                provider.secondHolders().size(),
                twoHoldersUnexplained);
    }
}
