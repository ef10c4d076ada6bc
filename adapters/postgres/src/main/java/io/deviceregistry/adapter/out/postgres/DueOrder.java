package io.deviceregistry.adapter.out.postgres;

/** The rows of {@code device_sync} that are due first, as the head of a question that stops when it has enough of them. */
final class DueOrder {
    private DueOrder() {}

    /**
     * A row {@code due} for each of one provider and lane, in the order of device_sync_due_by_lane; its parameters are the
     * provider, and what the lane has. Pending ones are picked behind it: asked together with the order, the state would lead
     * to device_sync_unsynced, and to sorting all that is pending.
     *
     * @param lane a condition of {@code backlog}
     * @param dueAt a condition of {@code due_at} that only rows meet which have one
     */
    static String rows(String lane, String dueAt) {
        return """
                (select * from device_sync
                  where provider = ? and %s and %s
                  order by due_at offset 0) due""".formatted(lane, dueAt);
    }
}
