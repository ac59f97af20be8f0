package dev.tether.core.wire;

import java.util.Arrays;
import java.util.Objects;

/**
 * A reusable cursor that writes into a range of a byte array; integers are big-endian. The caller asks
 * {@link #remaining()} first: writing past the end of the range is a bug and throws {@link IndexOutOfBoundsException}.
 */
public final class WireWriter {

    private byte[] buffer = new byte[0];
    private int start;
    private int position;
    private int limit;

    /**
     * Starts over on {@code length} bytes of {@code target} from {@code offset}.
     *
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public WireWriter wrap(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        buffer = target;
        start = offset;
        position = offset;
        limit = offset + length;
        return this;
    }

    /** The array that is written. */
    public byte[] array() {
        return buffer;
    }

    /** The index in {@link #array()} of the next byte. */
    public int position() {
        return position;
    }

    /** How many bytes were written since {@link #wrap}. */
    public int written() {
        return position - start;
    }

    /** How many bytes may still be written. */
    public int remaining() {
        return limit - position;
    }

    public WireWriter writeByte(int value) {
        require(1);
        buffer[position++] = (byte) value;
        return this;
    }

    public WireWriter writeShort(int value) {
        require(2);
        buffer[position++] = (byte) (value >>> 8);
        buffer[position++] = (byte) value;
        return this;
    }

    public WireWriter writeInt(int value) {
        require(4);
        BigEndian.INT.set(buffer, position, value);
        position += 4;
        return this;
    }

    public WireWriter writeLong(long value) {
        require(8);
        BigEndian.LONG.set(buffer, position, value);
        position += 8;
        return this;
    }

    /**
     * Writes the shortest encoding of {@code value}. RFC 9000 §16.
     *
     * @throws IllegalArgumentException if {@code value} is negative or above {@link VarInt#MAX}
     */
    public WireWriter writeVarInt(long value) {
        if (value < 0 || value > VarInt.MAX) {
            throw new IllegalArgumentException(value + " does not fit a variable-length integer");
        }
        return switch (VarInt.size(value)) {
            case 1 -> writeByte((int) value);
            case 2 -> writeShort((int) value | 0x4000);
            case 4 -> writeInt((int) value | 0x8000_0000);
            default -> writeLong(value | 0xc000_0000_0000_0000L);
        };
    }

    public WireWriter writeBytes(byte[] source) {
        return writeBytes(source, 0, source.length);
    }

    public WireWriter writeBytes(byte[] source, int offset, int length) {
        require(length);
        System.arraycopy(source, offset, buffer, position, length);
        position += length;
        return this;
    }

    /** Writes {@code length} zero bytes. */
    public WireWriter writeZeros(int length) {
        require(length);
        Arrays.fill(buffer, position, position + length, (byte) 0);
        position += length;
        return this;
    }

    /** Counts {@code length} bytes that the caller has put at {@link #position()} of {@link #array()} itself. */
    public WireWriter advance(int length) {
        require(length);
        position += length;
        return this;
    }

    private void require(int length) {
        if (length < 0 || length > limit - position) {
            throw new IndexOutOfBoundsException(length + " bytes to write, room for " + remaining());
        }
    }
}
