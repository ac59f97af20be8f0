package dev.tether.core.frame;

/** How a gateway answers the request to be introduced. docs/PROTOCOL.md, section 8.16. */
public enum IntroductionStatus {

    /** The target expects the requester, and both may start to punch. */
    ACCEPTED(0),

    /** The gateway is not connected to the target, or not any more. */
    UNKNOWN_PEER(1),

    /** The target does not want to be reached by the requester. */
    REFUSED(2),

    /** There were too many requests of this requester, for this target, or at this gateway; later ones may succeed. */
    RATE_LIMITED(3),

    /** The target has not answered in time. */
    NO_ANSWER(4),

    /** The peer that was asked introduces nobody. */
    NOT_A_GATEWAY(5),

    /** Nobody can be introduced to itself, or to the gateway with which it is connected. */
    INVALID_REQUEST(6),

    /** The requester has made a later request for the same target, which counts instead. */
    REPLACED(7);

    private static final IntroductionStatus[] BY_CODE = values();

    private final int code;

    IntroductionStatus(int code) {
        this.code = code;
    }

    /** The number that stands for it on the wire. */
    public int code() {
        return code;
    }

    /** What a number on the wire stands for; {@link #REFUSED} for one that a later version may have. */
    static IntroductionStatus ofCode(long code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[(int) code] : REFUSED;
    }
}
