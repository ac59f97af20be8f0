package dev.tether.examples.transfer;

/** A file could not be transferred, for a reason that is not the connection's. */
public final class TransferException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final TransferFailure failure;

    public TransferException(TransferFailure failure, String message) {
        super(message);
        this.failure = failure;
    }

    public TransferException(TransferFailure failure, String message, Throwable cause) {
        super(message, cause);
        this.failure = failure;
    }

    /** Why. */
    public TransferFailure failure() {
        return failure;
    }
}
