package dev.tether.core.error;

/** An authenticated peer broke the protocol; or says that this side did. */
public final class ProtocolViolationException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final long code;
    private final long frameType;

    /**
     * A violation.
     *
     * @param code the transport error code
     * @param frameType the type of the frame that broke a rule, 0 if unknown
     */
    public ProtocolViolationException(long code, long frameType, String message, PeerContext peer) {
        super(
                message + " (code 0x" + Long.toHexString(code) + ", frame 0x" + Long.toHexString(frameType) + ")",
                peer,
                null);
        this.code = code;
        this.frameType = frameType;
    }

    /** The transport error code. */
    public long code() {
        return code;
    }

    /** The type of the frame that broke a rule, 0 if unknown. */
    public long frameType() {
        return frameType;
    }
}
