package dev.tether.core.endpoint;

/**
 * An introduction that the target has not answered yet.
 *
 * @param id what the target knows it by
 * @param requestId what the requester knows it by
 * @param loopback whether the requester is on the gateway's host
 */
record PendingIntroduction(
        long id, long requestId, IntroducedPeer requester, IntroducedPeer target, boolean loopback, long deadlineNs) {

    // Two are the same only if they are the same object: what they refer to changes.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }
}
