package dev.tether.examples.transfer;

import dev.tether.examples.transfer.TransferMessage.Abort;
import dev.tether.examples.transfer.TransferMessage.Accept;
import dev.tether.examples.transfer.TransferMessage.Begin;
import dev.tether.examples.transfer.TransferMessage.Checking;
import dev.tether.examples.transfer.TransferMessage.Data;
import dev.tether.examples.transfer.TransferMessage.Failed;
import dev.tether.examples.transfer.TransferMessage.Offer;
import dev.tether.examples.transfer.TransferMessage.Present;
import dev.tether.examples.transfer.TransferMessage.Stored;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Writes and reads a {@link TransferMessage}; the layout is described there. */
final class TransferCodec {

    /** The longest content of one DATA message, in bytes. */
    static final int MAX_DATA = 256 << 10;

    /** The longest message, in bytes: a type byte and the longest content. */
    static final int MAX_MESSAGE = 1 + MAX_DATA;

    /** The type byte of DATA, for a sender that writes the content behind it itself. */
    static final int DATA = 3;

    private static final int VERSION = 1;
    private static final int OFFER = 1;
    private static final int BEGIN = 2;
    private static final int ABORT = 4;
    private static final int CHECKING = 5;
    private static final int ACCEPT = 6;
    private static final int PRESENT = 7;
    private static final int STORED = 8;
    private static final int FAILED = 9;

    /** Longer text is cut: it is for a human, and the rest of a message is at most 53 bytes. */
    private static final int MAX_TEXT = 1024;

    private TransferCodec() {}

    /** The message as bytes, in a new buffer that the caller owns. */
    static ByteBuf encode(TransferMessage message) {
        ByteBuf target = Unpooled.buffer(128);
        if (message instanceof Offer offer) {
            target.writeByte(OFFER)
                    .writeByte(VERSION)
                    .writeInt(offer.file())
                    .writeLong(offer.size())
                    .writeBytes(offer.digest().toBytes())
                    .writeCharSequence(offer.name(), StandardCharsets.UTF_8);
        } else if (message instanceof Begin begin) {
            target.writeByte(BEGIN).writeLong(begin.offset());
        } else if (message instanceof Data data) {
            target.writeByte(DATA)
                    .writeBytes(
                            data.bytes(),
                            data.bytes().readerIndex(),
                            data.bytes().readableBytes());
        } else if (message instanceof Abort abort) {
            writeText(target.writeByte(ABORT).writeByte(abort.failure().code()), abort.text());
        } else if (message instanceof Checking checking) {
            target.writeByte(CHECKING).writeInt(checking.file()).writeLong(checking.bytes());
        } else if (message instanceof Accept accept) {
            target.writeByte(ACCEPT)
                    .writeInt(accept.file())
                    .writeLong(accept.offset())
                    .writeBytes(accept.prefix().toBytes());
        } else if (message instanceof Present present) {
            writeText(target.writeByte(PRESENT).writeInt(present.file()), present.name());
        } else if (message instanceof Stored stored) {
            writeText(target.writeByte(STORED).writeInt(stored.file()), stored.name());
        } else if (message instanceof Failed failed) {
            target.writeByte(FAILED)
                    .writeInt(failed.file())
                    .writeByte(failed.failure().code());
            writeText(target, failed.text());
        }
        return target;
    }

    /**
     * Reads a message. {@link Data} keeps a view of {@code source}; nothing else does.
     *
     * @throws TransferException with {@link TransferFailure#PROTOCOL} if it is none
     */
    static TransferMessage decode(ByteBuf source) {
        if (!source.isReadable()) {
            throw malformed("an empty message");
        }
        int type = source.readUnsignedByte();
        try {
            return switch (type) {
                case OFFER -> offer(source);
                case BEGIN -> new Begin(length(source));
                case DATA -> new Data(source.slice());
                case ABORT -> new Abort(TransferFailure.ofCode(source.readUnsignedByte()), text(source));
                case CHECKING -> new Checking(source.readInt(), length(source));
                case ACCEPT -> new Accept(source.readInt(), length(source), digest(source));
                case PRESENT -> new Present(source.readInt(), text(source));
                case STORED -> new Stored(source.readInt(), text(source));
                case FAILED ->
                    new Failed(source.readInt(), TransferFailure.ofCode(source.readUnsignedByte()), text(source));
                default -> throw malformed("a message of the unknown type " + type);
            };
        } catch (IndexOutOfBoundsException e) {
            throw malformed("a message of type " + type + " that ends too early");
        }
    }

    private static Offer offer(ByteBuf source) {
        int version = source.readUnsignedByte();
        if (version != VERSION) {
            throw malformed("version " + version + " of the file transfer, this side speaks " + VERSION);
        }
        return new Offer(source.readInt(), length(source), digest(source), text(source));
    }

    private static long length(ByteBuf source) {
        long value = source.readLong();
        if (value < 0) {
            throw malformed("a length above 2^63 - 1");
        }
        return value;
    }

    private static Sha256 digest(ByteBuf source) {
        byte[] bytes = new byte[Sha256.LENGTH];
        source.readBytes(bytes);
        return Sha256.of(bytes);
    }

    private static void writeText(ByteBuf target, String text) {
        int length = Math.min(text.length(), MAX_TEXT);
        if (length < text.length() && Character.isHighSurrogate(text.charAt(length - 1))) {
            length--;
        }
        target.writeCharSequence(text.substring(0, length), StandardCharsets.UTF_8);
    }

    private static String text(ByteBuf source) {
        ByteBuffer bytes = source.nioBuffer();
        source.skipBytes(bytes.remaining());
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw malformed("a text that is not UTF-8");
        }
    }

    private static TransferException malformed(String what) {
        return new TransferException(TransferFailure.PROTOCOL, "the other side is no file transfer peer: " + what);
    }
}
