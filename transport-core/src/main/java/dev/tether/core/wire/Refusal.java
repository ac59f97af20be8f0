package dev.tether.core.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Why a responder refuses a connection attempt. The codes of the transport and those of its application are kept apart.
 *
 * @param errorCode a transport error code, 0 to {@link VarInt#MAX}
 * @param applicationCode what the responder's application refuses with, 0 to {@link VarInt#MAX}; empty if the refusal is
 *     not the application's
 * @param reason text for a human, cut to {@value #MAX_REASON_LENGTH} bytes of UTF-8
 */
public record Refusal(long errorCode, OptionalLong applicationCode, String reason) {

    /** The longest reason, in bytes of UTF-8. */
    public static final int MAX_REASON_LENGTH = 256;

    /** @throws IllegalArgumentException if a code is not in its range */
    public Refusal {
        requireCode("error code", errorCode);
        if (applicationCode.isPresent()) {
            requireCode("application code", applicationCode.getAsLong());
        }
        reason = cut(reason);
    }

    /** A refusal by the transport. */
    public Refusal(long errorCode, String reason) {
        this(errorCode, OptionalLong.empty(), reason);
    }

    private static void requireCode(String name, long code) {
        if (code < 0 || code > VarInt.MAX) {
            throw new IllegalArgumentException(name + " " + code + " is not in 0 to 2^62 - 1");
        }
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
