package dev.tether.core.stream;

/**
 * An authenticated peer broke the rules of streams; the connection ends with a CONNECTION_CLOSE that carries these values.
 * Carries no stack trace: it says what a peer did.
 */
public final class StreamViolation extends Exception {

    private static final long serialVersionUID = 1L;

    private final long errorCode;
    private final int frameType;

    StreamViolation(long errorCode, int frameType, String reason) {
        super(reason, null, false, false);
        this.errorCode = errorCode;
        this.frameType = frameType;
    }

    /** The code of the close, see {@link dev.tether.core.frame.TransportErrorCode}. */
    public long errorCode() {
        return errorCode;
    }

    /** The type of the frame that broke a rule, see {@link dev.tether.core.frame.FrameType}. */
    public int frameType() {
        return frameType;
    }
}
