package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tether.core.frame.TransportErrorCode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever a peer sends within its limits, the memory that is held for it stays within the documented bounds, which
 * {@link HostilePeer} checks after each frame; and what it sends on another stream arrives. RFC 9000 §21.7.
 */
class ReceiveMemoryTest {

    private static final int ALL_STREAMS = 2 * HostilePeer.STREAMS - 1;
    private static final long HONEST = StreamId.MESSAGES;

    /** What a peer does in one round of its attack. */
    private interface Round {
        void run(HostilePeer peer, Random random, int round) throws StreamViolation;
    }

    private enum Attack {
        ONE_BYTE_GAPS_UPWARDS((peer, random, round) -> {
            long id = HostilePeer.stream(round / 900);
            peer.send(id, 2L * (round % 900) + 1, 1);
        }),
        ONE_BYTE_GAPS_DOWNWARDS((peer, random, round) -> {
            long id = HostilePeer.stream(round / 900);
            peer.send(id, Math.max(0, peer.limit(id) - 1 - 2L * (round % 900)), 1);
        }),
        ONE_BYTE_ANYWHERE((peer, random, round) -> {
            long id = HostilePeer.stream(round / 900);
            peer.send(id, random.nextLong(peer.limit(id)), 1);
        }),
        STEPS_OF_A_CHUNK((peer, random, round) -> {
            long step = 512L << round % 9;
            long id = HostilePeer.stream(round / 9 % 150);
            for (long at = step - 1; at < peer.limit(id) && at < 100 * step; at += step) {
                peer.send(id, at, 1);
            }
        }),
        BACKWARDS_BYTE_BY_BYTE((peer, random, round) -> {
            long id = HostilePeer.stream(round / 2000);
            peer.send(id, Math.max(0, peer.limit(id) - 1 - round % 2000), 1);
        }),
        ONLY_THE_LAST_BYTE_OF_MANY_STREAMS((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            peer.send(id, peer.limit(id) - 1, 1);
        }),
        ONE_BYTE_ON_EACH_STREAM((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            peer.send(id, round / ALL_STREAMS, 1);
        }),
        THE_SECOND_BYTE_OF_EACH_STREAM((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            peer.send(id, 1 + 2L * (round / ALL_STREAMS), 1);
        }),
        /** The stream has had large chunks, and has one again, for the byte behind a gap. */
        A_BYTE_BEHIND_A_GAP_AFTER_A_BURST((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            long start = peer.highest(id) == peer.readOffset(id) ? peer.highest(id) : peer.readOffset(id);
            long burst = Math.min(64 * 1024, Math.min(peer.limit(id) - start, peer.connectionCredit()) - 2);
            if (burst > 0) {
                peer.send(id, start, burst);
                peer.read(id, Integer.MAX_VALUE);
                peer.send(id, peer.highest(id) + 1, 1);
            }
        }),
        /** The application has read all of a chunk but one byte, which does not come. */
        ONE_BYTE_MISSING_IN_EACH_CHUNK((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            long start = peer.readOffset(id);
            long burst = Math.min(64 * 1024, Math.min(peer.limit(id) - start, peer.connectionCredit()) - 3);
            if (burst > 0) {
                peer.send(id, start + burst + 1, 1);
                peer.send(id, start, burst);
                peer.read(id, Integer.MAX_VALUE);
            }
        }),
        /** The largest chunks first, then streams that are full of the smallest. */
        CHUNKS_FIRST_LARGE_THEN_SMALL((peer, random, round) -> {
            if (round < ALL_STREAMS) {
                A_BYTE_BEHIND_A_GAP_AFTER_A_BURST.round.run(peer, random, round);
            } else {
                long id = HostilePeer.stream(random.nextInt(ALL_STREAMS));
                long end = Math.min(peer.limit(id), peer.highest(id) + peer.connectionCredit());
                for (long at = end - 1; at > Math.max(peer.readOffset(id), end - 80 * 512); at -= 512) {
                    peer.send(id, at, 1);
                }
            }
        }),
        /** Many gaps, closed again all but one, on one stream after the other. */
        GAPS_THAT_COME_AND_GO((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            long start = peer.readOffset(id);
            int gaps = (int) Math.min(900, Math.min(peer.limit(id) - start, peer.connectionCredit()) / 2 - 2);
            if (gaps > 0) {
                for (int i = 0; i < gaps; i++) {
                    peer.send(id, start + 2L * i + 1, 1);
                }
                for (int i = 1; i < gaps; i++) {
                    peer.send(id, start + 2L * i, 1);
                }
                if (random.nextBoolean()) {
                    peer.send(id, start, 1);
                    peer.read(id, 2 * gaps);
                }
            }
        }),
        STREAMS_THAT_ARE_FILLED_AND_RESET((peer, random, round) -> {
            long id = HostilePeer.stream(round % ALL_STREAMS);
            peer.send(id, peer.limit(id) / 2, Math.max(0, Math.min(5000, peer.connectionCredit())));
            peer.send(id, 0, random.nextInt(3000));
            if (random.nextInt(3) == 0) {
                peer.reset(id);
                assertHoldsNothing(peer, id);
            } else if (random.nextInt(3) == 0) {
                peer.set.stopSending(id, 1);
                assertHoldsNothing(peer, id);
            }
        }),
        ANYTHING((peer, random, round) -> {
            long id = HostilePeer.stream(random.nextInt(1 + random.nextInt(ALL_STREAMS)));
            long room = Math.min(peer.limit(id), peer.highest(id) + peer.connectionCredit()) - peer.readOffset(id);
            if (room > 0) {
                long at = random.nextInt(3) == 0 ? 0 : random.nextLong(room);
                long length = random.nextBoolean() ? 1 : random.nextLong(Math.min(30_000, room - at) + 1);
                peer.send(id, peer.readOffset(id) + at, length);
            }
            if (random.nextBoolean()) {
                peer.read(id, 1 + random.nextInt(100_000));
            }
        });

        private final Round round;

        Attack(Round round) {
            this.round = round;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPeerCannotMakeThisSideHoldMoreThanDocumented(Attack attack) throws StreamViolation {
        run(attack, 4096, 1024, 16 * 1024, 2000);
        run(attack, 256 * 1024, 128 * 1024, 512 * 1024, 2000);
        run(attack, 8 << 20, 16 * 1024, 8 << 20, 800);
        run(attack, 2 << 20, 1 << 20, 2 << 20, 800);
        run(attack, 2 << 20, 1 << 20, 64 << 20, 800);
    }

    private static void run(Attack attack, int connection, int stream, int maxConnection, int rounds)
            throws StreamViolation {
        long seed = 17L * attack.ordinal() + connection;
        String label = attack + ", seed " + seed + ", windows " + connection + " to " + maxConnection;
        Random random = new Random(seed);
        HostilePeer peer = new HostilePeer(connection, stream, maxConnection, label);
        long honest = 0;
        for (int round = 0; round < rounds; round++) {
            try {
                attack.round.run(peer, random, round);
            } catch (StreamViolation violation) {
                assertThat(violation).as(label).hasMessageContaining("gaps");
                peer.close();
                peer = new HostilePeer(connection, stream, maxConnection, label);
            }
            peer.takeLimits();
            if (round % 5 == 0) {
                honest += sendHonestBytes(peer, 1 + random.nextInt(300), label);
            }
        }
        assertThat(honest).as(label).isPositive();
        peer.close();
    }

    private static int sendHonestBytes(HostilePeer peer, int length, String label) throws StreamViolation {
        if (!peer.send(HONEST, peer.highest(HONEST), length)) {
            return 0;
        }
        assertThat(peer.read(HONEST, Integer.MAX_VALUE)).as(label).isEqualTo(length);
        return length;
    }

    @Test
    void aConnectionHasSixteenTimesTheGapsOfAStreamAndNoMore() throws StreamViolation {
        HostilePeer peer = new HostilePeer(2 << 20, 1 << 20, 64 << 20, "gaps");
        for (int i = 0; i < 16_000; i++) {
            assertThat(peer.send(HostilePeer.stream(i / 100), 1 + 2 * (i % 100), 1))
                    .isTrue();
        }

        assertThatExceptionOfType(StreamViolation.class)
                .isThrownBy(() -> peer.send(HostilePeer.stream(200), 1, 1))
                .withMessageContaining("16000")
                .satisfies(violation ->
                        assertThat(violation.errorCode()).isEqualTo(TransportErrorCode.PROTOCOL_VIOLATION));
        peer.close();
    }

    @Test
    void gapsThatAreClosedOrGivenUpDoNotCount() throws StreamViolation {
        HostilePeer peer = new HostilePeer(2 << 20, 1 << 20, 64 << 20, "gaps");
        for (int i = 0; i < 20_000; i++) {
            long id = HostilePeer.stream(i / 100);
            peer.send(id, 1 + 2 * (i % 100), 1);
            if (i % 300 == 99) {
                peer.send(id, 0, 200);
            } else if (i % 300 == 199) {
                peer.set.stopSending(id, 1);
            } else if (i % 300 == 299) {
                peer.reset(id);
            }
        }
        assertThat(peer.receiving(HostilePeer.stream(0))).isNotNull();
        peer.close();
    }

    private static void assertHoldsNothing(HostilePeer peer, long id) {
        ReceiveStream receive = peer.receiving(id);
        assertThat(receive == null ? 0 : receive.memoryHeld()).isZero();
    }

    @Test
    void aStreamThatWasReadToItsEndHoldsNothing() throws StreamViolation {
        StreamPair pair = new StreamPair();
        long id = pair.dialing.openStream(false);
        StreamPair.write(pair.dialing, id, 100_000);
        pair.dialing.finish(id);
        pair.exchange();
        assertThat(pair.accepting.memoryHeld()).isGreaterThan(100_000);

        assertThat(StreamPair.readAll(pair.accepting, id)).isEqualTo(100_000);
        assertThat(pair.accepting.memoryHeld()).isEqualTo(ReceiveMemory.STREAM_BOOKKEEPING);
        assertThat(pair.accepting.pollFinished()).isEqualTo(id);
        assertThat(pair.accepting.memoryHeld()).isZero();
        pair.close();
    }

    @Test
    void aStreamThatWasResetOrStoppedHoldsNothing() throws StreamViolation {
        StreamPair pair = new StreamPair();
        long reset = pair.dialing.openStream(false);
        long stopped = pair.dialing.openStream(false);
        StreamPair.write(pair.dialing, reset, 100_000);
        StreamPair.write(pair.dialing, stopped, 100_000);
        pair.exchange();

        pair.accepting.stopSending(stopped, 1);
        pair.dialing.reset(reset, 1);
        pair.exchange();
        assertThat(pair.accepting.memoryHeld()).isEqualTo(2 * ReceiveMemory.STREAM_BOOKKEEPING);
        assertThat(pair.allocator.metric().usedHeapMemory()).isZero();
        while (pair.accepting.pollReset() >= 0) {
            assertThat(pair.accepting.pollFinished()).isNotNegative();
        }
        assertThat(pair.accepting.memoryHeld()).isZero();
        pair.close();
    }
}
