package dev.tether.core.wire;

/** Cuts text in UTF-8 between its characters. Source: RFC 3629 §3. */
public final class Utf8 {

    private Utf8() {}

    /**
     * How many of {@code length} bytes of text at {@code offset} to keep, at most {@code limit}, so that no character is
     * cut in two.
     */
    public static int boundary(byte[] text, int offset, int length, int limit) {
        if (length <= limit) {
            return length;
        }
        int kept = Math.max(0, limit);
        // The first byte that goes must start a character; four bytes are the longest one.
        for (int back = 0; back < 4 && kept - back >= 0; back++) {
            if ((text[offset + kept - back] & 0xc0) != 0x80) {
                return kept - back;
            }
        }
        return kept;
    }
}
