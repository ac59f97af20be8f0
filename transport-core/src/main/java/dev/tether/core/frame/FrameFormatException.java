package dev.tether.core.frame;

/**
 * A frame of an authenticated packet that does not follow its format. Ends the connection with
 * {@link TransportErrorCode#FRAME_ENCODING_ERROR}. Carries no stack trace: it says what a peer sent.
 */
public final class FrameFormatException extends Exception {

    private static final long serialVersionUID = 1L;

    private final long frameType;

    FrameFormatException(long frameType, String message) {
        super(message, null, false, false);
        this.frameType = frameType;
    }

    /** The type of the malformed frame, 0 if that itself could not be read; it fits a CONNECTION_CLOSE as it is. */
    public long frameType() {
        return frameType;
    }
}
