package dev.tether.core.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Why a responder refuses a connection attempt.
 *
 * @param errorCode a transport error code, 0 to {@link VarInt#MAX}
 * @param reason text for a human, cut to {@value #MAX_REASON_LENGTH} bytes of UTF-8
 */
public record Refusal(long errorCode, String reason) {

    /** The longest reason, in bytes of UTF-8. */
    public static final int MAX_REASON_LENGTH = 256;

    /** @throws IllegalArgumentException if the code is not in its range */
    public Refusal {
        if (errorCode < 0 || errorCode > VarInt.MAX) {
            throw new IllegalArgumentException("error code " + errorCode + " is not in 0 to 2^62 - 1");
        }
        reason = cut(reason);
    }

    private static String cut(String reason) {
        byte[] utf8 = reason.getBytes(StandardCharsets.UTF_8);
        if (utf8.length <= MAX_REASON_LENGTH) {
            return reason;
        }
        int length = Utf8.boundary(utf8, 0, utf8.length, MAX_REASON_LENGTH);
        return new String(Arrays.copyOf(utf8, length), StandardCharsets.UTF_8);
    }
}
