package dev.tether.examples.transfer;

/** Why a file was not transferred. The code of each stands in {@link TransferMessage.Failed} and never changes. */
public enum TransferFailure {
    /** A file of that name and with other content is there already. */
    EXISTS(1),
    /** Something of that name is there that is not a regular file. */
    NOT_A_FILE(2),
    /** The name is not a plain file name, or not one that the receiver can store. */
    BAD_NAME(3),
    /** The receiver's disk is full, or too small for the file. */
    NO_SPACE(4),
    /** The receiver cannot write. */
    WRITE_ERROR(5),
    /** The sender cannot read. */
    READ_ERROR(6),
    /** The content is not what was offered: the file has changed in the meantime. */
    CHANGED(7),
    /** The same file is being received from somebody else; worth another try. */
    BUSY(8),
    /** Another connection has taken over the transfer of the file, because this one had stalled. */
    SUPERSEDED(9),
    /** The other side has closed in the middle of a file. */
    INTERRUPTED(10),
    /** The other side does not speak this protocol, or breaks it. */
    PROTOCOL(11),
    /** The other side is alive and does not answer. */
    NO_ANSWER(12);

    private static final TransferFailure[] VALUES = values();

    private final int code;

    TransferFailure(int code) {
        this.code = code;
    }

    /** The code of this failure, 1 to 255. */
    public int code() {
        return code;
    }

    /** The failure with this code; {@link #PROTOCOL} for an unknown one. */
    static TransferFailure ofCode(int code) {
        for (TransferFailure failure : VALUES) {
            if (failure.code == code) {
                return failure;
            }
        }
        return PROTOCOL;
    }
}
