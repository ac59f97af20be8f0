package dev.tether.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes are, a payload is read or is a {@link WireFormatException}, and nothing outside its range has a say
 * in it: every input is read twice, between zeros and between ones, and must end the same way.
 */
class HandshakePayloadFuzzTest {

    private static final int MARGIN = 64;

    @Test
    void anyPayloadIsReadAsItWasWritten() throws WireFormatException {
        for (long seed = 0; seed < 1000; seed++) {
            byte[] bytes = randomPayload(seed);
            HandshakePayload read = HandshakePayload.decode(bytes, 0, bytes.length);
            assertThat(read.encode(bytes.length)).as("seed %d", seed).isEqualTo(bytes);
        }
    }

    @Test
    void anyTruncationIsReadOrMalformed() {
        for (long seed = 0; seed < 30; seed++) {
            byte[] bytes = randomPayload(seed);
            for (int length = 0; length < bytes.length; length++) {
                outcome(Arrays.copyOf(bytes, length), seed);
            }
        }
    }

    @Test
    void anyFlippedByteIsReadOrMalformed() {
        for (long seed = 0; seed < 30; seed++) {
            byte[] bytes = randomPayload(seed);
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < bytes.length; i++) {
                for (int mask : new int[] {1 << random.nextInt(8), 1 + random.nextInt(255)}) {
                    byte[] flipped = bytes.clone();
                    flipped[i] ^= (byte) mask;
                    outcome(flipped, seed);
                }
            }
        }
    }

    @Test
    void anyGarbageIsReadOrMalformed() {
        int readable = 0;
        for (long seed = 0; seed < 50_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] garbage = new byte[random.nextInt(random.nextBoolean() ? 12 : 1200)];
            random.nextBytes(garbage);
            for (int i = 0; i < garbage.length; i++) {
                // Small numbers make parameters that are known and lengths that fit.
                garbage[i] &= (byte) (random.nextInt(4) == 0 ? 0xff : 0x07);
            }
            readable += outcome(garbage, seed).equals("read") ? 1 : 0;
        }
        assertThat(readable).as("inputs that were read to their end").isBetween(100, 49_900);
    }

    private static String outcome(byte[] payload, long seed) {
        String amongZeros = outcome(payload, (byte) 0, seed);
        assertThat(outcome(payload, (byte) 0xff, seed))
                .as("seed %d, among ones", seed)
                .isEqualTo(amongZeros);
        return amongZeros;
    }

    private static String outcome(byte[] payload, byte surroundings, long seed) {
        byte[] array = new byte[payload.length + 2 * MARGIN];
        Arrays.fill(array, surroundings);
        System.arraycopy(payload, 0, array, MARGIN, payload.length);
        try {
            HandshakePayload.decode(array, MARGIN, payload.length);
            return "read";
        } catch (WireFormatException e) {
            return String.valueOf(e.getMessage());
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static byte[] randomPayload(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        HandshakePayload.Builder builder = HandshakePayload.builder();
        if (random.nextBoolean()) {
            long min = 1 + random.nextLong(0xffff_ffffL);
            builder.supportedVersions(new VersionRange(min, random.nextLong(min, 1L << 32)));
        }
        if (random.nextBoolean()) {
            builder.timestampNs(random.nextLong());
        }
        if (random.nextBoolean()) {
            byte[] token = new byte[random.nextInt(HandshakePayload.MAX_TOKEN_LENGTH + 1)];
            random.nextBytes(token);
            builder.token(token);
        }
        if (random.nextBoolean()) {
            OptionalLong applicationCode = random.nextBoolean()
                    ? OptionalLong.of(random.nextLong() >>> 2 + random.nextInt(62))
                    : OptionalLong.empty();
            builder.refusal(new Refusal(
                    random.nextLong() >>> 2 + random.nextInt(62), applicationCode, "é".repeat(random.nextInt(150))));
        }
        if (random.nextBoolean()) {
            builder.chosenVersion(1 + random.nextLong(0xffff_ffffL));
        }
        if (random.nextBoolean()) {
            byte[] token = new byte[StatelessResetDatagram.TOKEN_LENGTH];
            random.nextBytes(token);
            builder.statelessResetToken(token);
        }
        TransportParameters.Builder parameters = TransportParameters.builder();
        for (TransportParameter parameter : TransportParameter.values()) {
            long value = random.nextLong() >>> 2 + random.nextInt(62);
            if (parameter.accepts(value)) {
                parameters.set(parameter, value);
            }
        }
        return builder.transportParameters(parameters.build()).build().encode(random.nextInt(1100));
    }
}
