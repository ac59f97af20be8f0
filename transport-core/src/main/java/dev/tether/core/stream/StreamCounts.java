package dev.tether.core.stream;

/**
 * How many streams of one kind each side has opened and may open. The peer's limit rises as its streams finish. Not
 * thread-safe. Source: RFC 9000 §4.6.
 */
final class StreamCounts {

    private static final long NEVER = -1;

    private final long maxOpenByPeer;
    private long opened;
    private long peerLimit;
    private long blockedReportedAt = NEVER;
    private boolean openRefused;
    private long openedByPeer;
    private long finishedOfPeer;
    private long localLimit;
    private boolean updateLost;

    /**
     * The counts of a new connection.
     *
     * @param openedFirst how many streams this side has opened by the very existence of the connection
     * @param openedFirstByPeer the same for the peer
     * @param localLimit how many streams the peer may have open at a time
     */
    StreamCounts(int openedFirst, int openedFirstByPeer, long localLimit) {
        this.opened = openedFirst;
        this.openedByPeer = openedFirstByPeer;
        this.maxOpenByPeer = Math.max(openedFirstByPeer, localLimit);
        this.localLimit = maxOpenByPeer;
    }

    /** How many streams this side has opened. */
    long opened() {
        return opened;
    }

    /** How many streams the peer has opened. */
    long openedByPeer() {
        return openedByPeer;
    }

    /** How many streams the peer may open, counted from the start. */
    long localLimit() {
        return localLimit;
    }

    boolean canOpen() {
        return opened < peerLimit;
    }

    /** Counts one more stream of this side, if the peer allows it; returns its index, or -1. */
    long open() {
        if (!canOpen()) {
            openRefused = true;
            return -1;
        }
        return opened++;
    }

    /** Counts one more stream of the peer; returns its index. */
    long openByPeer() {
        return openedByPeer++;
    }

    /** A stream that the peer opened is over. */
    void onFinishedOfPeer() {
        finishedOfPeer++;
    }

    /** MAX_STREAMS; a limit that is not above the present one is ignored. */
    void raise(long limit) {
        peerLimit = Math.max(peerLimit, limit);
    }

    /** Whether a stream may be opened after one was refused. */
    boolean isOpenable() {
        return openRefused && canOpen();
    }

    /** The same, true once. */
    boolean pollOpenable() {
        boolean openable = isOpenable();
        openRefused &= !openable;
        return openable;
    }

    boolean isBlockedFrameDue() {
        return openRefused && !canOpen() && blockedReportedAt != peerLimit;
    }

    /** STREAMS_BLOCKED is sent; returns the limit that it carries. */
    long onBlockedSent() {
        blockedReportedAt = peerLimit;
        return peerLimit;
    }

    void onBlockedLost(long limit) {
        if (limit == blockedReportedAt) {
            blockedReportedAt = NEVER;
        }
    }

    /** Whether MAX_STREAMS should be sent: when it at least doubles how many streams the peer may still open. */
    boolean isUpdateDue() {
        long added = nextLimit() - localLimit;
        return updateLost || added > 0 && added >= localLimit - openedByPeer;
    }

    /** The limit that an update would announce now. */
    long nextLimit() {
        return Math.min(StreamLimits.MAX_STREAMS, maxOpenByPeer + finishedOfPeer);
    }

    /** MAX_STREAMS is sent; returns the limit that it carries. */
    long update() {
        localLimit = nextLimit();
        updateLost = false;
        return localLimit;
    }

    void onUpdateLost(long limit) {
        updateLost |= limit == localLimit;
    }
}
