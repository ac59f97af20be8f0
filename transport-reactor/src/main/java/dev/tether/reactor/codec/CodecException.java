package dev.tether.reactor.codec;

/**
 * One value could not be made a message, or one message could not be read as a value. It concerns this one and the
 * publisher that errors with it: the connection lives on, and so this is no {@link
 * dev.tether.core.error.TransportException}.
 *
 * <p>The text names the peer, the type, the size of a message, and why. It never quotes what a message contains.
 */
public final class CodecException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** @param message why, and the way out; without anything that was received */
    public CodecException(String message) {
        super(message);
    }

    /**
     * With a cause.
     *
     * @param message why, and the way out; without anything that was received
     * @param cause is shown wherever this exception is logged
     */
    public CodecException(String message, Throwable cause) {
        super(message, cause);
    }
}
