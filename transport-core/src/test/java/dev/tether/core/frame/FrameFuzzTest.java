package dev.tether.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Whatever the bytes are, a packet is read or is a {@link FrameFormatException}, and nothing outside its range has a say
 * in it: every input is read twice, between zeros and between ones, and must end the same way.
 */
class FrameFuzzTest {

    private static final int MARGIN = 300;

    private final FrameReader reader = new FrameReader();

    private record Outcome(List<String> frames, String complaint) {}

    @Test
    void anyPacketIsReadAsItWasWritten() {
        for (long seed = 0; seed < 5000; seed++) {
            RandomPacket packet = new RandomPacket(seed);
            Outcome outcome = outcome(packet.bytes(), seed);
            assertThat(outcome.complaint).as("seed %d", seed).isEmpty();
            assertThat(outcome.frames).as("seed %d", seed).isEqualTo(packet.lines());
        }
    }

    @Test
    void anyTruncationIsReadAsFarAsItsFramesAreWhole() {
        for (long seed = 0; seed < 150; seed++) {
            RandomPacket packet = new RandomPacket(seed);
            byte[] bytes = packet.bytes();
            for (int length = 0; length < bytes.length; length++) {
                Outcome outcome = outcome(Arrays.copyOf(bytes, length), seed);
                int whole = outcome.frames.size();
                assertThat(outcome.frames)
                        .as("seed %d, cut to %d bytes", seed, length)
                        .isEqualTo(packet.lines()
                                .subList(0, Math.min(whole, packet.lines().size())));
            }
        }
    }

    @Test
    void anyFlippedByteIsReadOrMalformed() {
        for (long seed = 0; seed < 60; seed++) {
            byte[] bytes = new RandomPacket(seed).bytes();
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < bytes.length; i++) {
                for (int mask : new int[] {1 << random.nextInt(8), 1 + random.nextInt(255), 0xff}) {
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
            byte[] garbage = new byte[random.nextInt(random.nextInt(8) == 0 ? 1500 : 24)];
            random.nextBytes(garbage);
            for (int i = 0; i < garbage.length; i++) {
                // Small numbers make types that are known and lengths that fit.
                garbage[i] &= (byte) (random.nextBoolean() ? 0x1f : 0xff);
            }
            readable += outcome(garbage, seed).complaint.isEmpty() ? 1 : 0;
        }
        assertThat(readable).as("packets that were read to their end").isBetween(500, 49_500);
    }

    private Outcome outcome(byte[] packet, long seed) {
        Outcome amongZeros = outcome(packet, (byte) 0, seed);
        assertThat(outcome(packet, (byte) 0xff, seed))
                .as("seed %d, among ones", seed)
                .isEqualTo(amongZeros);
        assertThat(amongZeros.frames).as("seed %d", seed).hasSizeLessThanOrEqualTo(packet.length);
        return amongZeros;
    }

    private Outcome outcome(byte[] packet, byte surroundings, long seed) {
        byte[] array = new byte[packet.length + 2 * MARGIN];
        Arrays.fill(array, surroundings);
        System.arraycopy(packet, 0, array, MARGIN, packet.length);
        FrameRecorder recorder = new FrameRecorder(MARGIN, MARGIN + packet.length);
        try {
            reader.read(array, MARGIN, packet.length, recorder);
            return new Outcome(recorder.lines(), "");
        } catch (FrameFormatException e) {
            assertThat(e.frameType())
                    .as("seed %d: a type that a CONNECTION_CLOSE can carry", seed)
                    .isNotNegative();
            return new Outcome(recorder.lines(), String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            throw new AssertionError("seed " + seed, e);
        }
    }
}
