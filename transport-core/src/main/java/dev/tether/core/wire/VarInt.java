package dev.tether.core.wire;

/** Variable-length integers of 1, 2, 4 or 8 bytes. Source: RFC 9000 §16 and appendix A.1. */
public final class VarInt {

    /** The largest value that can be encoded: 2^62 - 1. */
    public static final long MAX = (1L << 62) - 1;

    private VarInt() {}

    /**
     * The length of the shortest encoding of {@code value}, in bytes.
     *
     * @param value 0 to {@link #MAX}
     */
    public static int size(long value) {
        if (value < 1 << 6) {
            return 1;
        }
        if (value < 1 << 14) {
            return 2;
        }
        return value < 1 << 30 ? 4 : 8;
    }

    /** The length of an encoding, read from its first byte. */
    public static int sizeOfEncoding(byte firstByte) {
        return 1 << ((firstByte & 0xff) >>> 6);
    }
}
