package dev.tether.core.wire;

import java.util.Objects;

/**
 * A reusable cursor over a range of a byte array; integers are big-endian. Every read is checked against the end of the
 * range, never against the end of the array.
 */
public final class WireReader {

    private byte[] buffer = new byte[0];
    private int position;
    private int limit;

    /**
     * Starts over on {@code length} bytes of {@code source} from {@code offset}. The array is not copied.
     *
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public WireReader wrap(byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        buffer = source;
        position = offset;
        limit = offset + length;
        return this;
    }

    /** The array that is read. */
    public byte[] array() {
        return buffer;
    }

    /** The index in {@link #array()} of the next byte. */
    public int position() {
        return position;
    }

    /** How many bytes are left. */
    public int remaining() {
        return limit - position;
    }

    public int readByte() throws WireFormatException {
        require(1);
        return buffer[position++] & 0xff;
    }

    public int readShort() throws WireFormatException {
        require(2);
        int value = (buffer[position] & 0xff) << 8 | buffer[position + 1] & 0xff;
        position += 2;
        return value;
    }

    public int readInt() throws WireFormatException {
        require(4);
        int value = BigEndian.getInt(buffer, position);
        position += 4;
        return value;
    }

    public long readLong() throws WireFormatException {
        require(8);
        long value = BigEndian.getLong(buffer, position);
        position += 8;
        return value;
    }

    /** Reads a variable-length integer; an encoding longer than needed is accepted. RFC 9000 §16. */
    public long readVarInt() throws WireFormatException {
        require(1);
        byte first = buffer[position];
        int size = VarInt.sizeOfEncoding(first);
        require(size);
        long value = first & 0x3f;
        for (int i = 1; i < size; i++) {
            value = value << 8 | buffer[position + i] & 0xff;
        }
        position += size;
        return value;
    }

    /** Reads a variable-length integer that counts bytes inside this range. */
    public int readLength() throws WireFormatException {
        long length = readVarInt();
        if (length > remaining()) {
            throw new WireFormatException("a length of " + length + " where " + remaining() + " bytes are left");
        }
        return (int) length;
    }

    public byte[] readBytes(int length) throws WireFormatException {
        require(length);
        byte[] bytes = new byte[length];
        System.arraycopy(buffer, position, bytes, 0, length);
        position += length;
        return bytes;
    }

    public void skip(int length) throws WireFormatException {
        require(length);
        position += length;
    }

    private void require(int length) throws WireFormatException {
        if (length < 0 || length > limit - position) {
            throw new WireFormatException(length + " bytes expected, " + remaining() + " left");
        }
    }
}
