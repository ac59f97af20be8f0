package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.TransportSettings;
import dev.tether.core.connection.DeliveredUpTo;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.simulation.SeededRandom;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Two links over a seeded network, from a sender that leaves its connection without a word and dials anew again and again, to
 * an application that reads now and then, what ended connections have left included. To replay one seed:
 * {@code -Dtether.seed=N}. docs/PROTOCOL.md, section 9.4.
 */
class RestartedTransferTest {

    private static final int SEEDS = 200;
    private static final int LINKS = 2;
    private static final long STEP_NS = 50_000_000L;
    private static final int MAX_STEPS = 500_000;

    @Test
    void eachMessageIsHandedOutOnceAndInOrderHoweverManyConnectionsItTakes() {
        Long only = Long.getLong("tether.seed");
        int restarts = 0;
        int passedOver = 0;
        for (long seed = only == null ? 0 : only; seed < (only == null ? SEEDS : only + 1); seed++) {
            try {
                Transfer transfer = new Transfer(seed);
                transfer.run();
                restarts += transfer.restarts;
                passedOver += transfer.sent - transfer.handedOut;
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(
                        "seed " + seed + " fails; replay it with: mvn -pl transport-core test"
                                + " -Dtest=RestartedTransferTest -Dtest.argLine=-Dtether.seed=" + seed,
                        e);
            }
        }
        if (only == null) {
            assertThat(restarts).as("connections that were left").isGreaterThan(SEEDS);
            assertThat(passedOver).as("messages that were sent again").isGreaterThan(5 * SEEDS);
        }
    }

    private static final class Transfer {

        private final SeededRandom random;
        private final LossyNetwork network;
        private final EnginePeer sender;
        private final EnginePeer receiver;
        private final int count;
        private final long[] links = new long[LINKS];
        private final long[] reported = new long[LINKS];
        private final long[] read = new long[LINKS];
        private final List<EnginePeer.Session> unread = new ArrayList<>();
        private EnginePeer.Session current;
        private boolean filled;
        private int known;
        private int restarts;
        private int sent;
        private int handedOut;

        Transfer(long seed) {
            random = new SeededRandom(seed);
            network = new LossyNetwork(random, LossyNetwork.Faults.drawn(random));
            TransportSettings settings = TransportSettings.defaults();
            sender = new EnginePeer(network, 1, random, settings);
            receiver = new EnginePeer(network, 2, random, settings);
            receiver.readsByHand = true;
            count = 10 + random.nextInt(80);
            Arrays.setAll(links, i -> 1 + i + 2 * (random.nextLong() >>> 3));
            current = sender.connect(receiver);
        }

        void run() {
            double restart = random.nextDouble() / 100;
            double reading = random.nextDouble() / 2;
            for (int steps = 0; Arrays.stream(reported).anyMatch(number -> number < count); steps++) {
                assertThat(steps).as("stalls: read %s", Arrays.toString(read)).isLessThan(MAX_STEPS);
                network.step(network.nowNs() + STEP_NS);
                takeReports();
                boolean open = current.connection.isOpen();
                if (current.end != null || open && random.chance(restart)) {
                    leave();
                } else if (open && !filled) {
                    fill();
                }
                if (random.chance(reading)) {
                    readSome();
                }
            }
            assertThat(read).containsOnly(count);
            readAll();
        }

        private void takeReports() {
            for (DeliveredUpTo up : current.delivered) {
                int link = links[0] == up.linkId() ? 0 : 1;
                assertThat(up.linkId()).isEqualTo(links[link]);
                assertThat(up.number()).as("reported").isLessThanOrEqualTo(read[link]);
                reported[link] = Math.max(reported[link], up.number());
            }
            current.delivered.clear();
        }

        /** Leaves the connection without a word, if it has not ended by itself, and dials. */
        private void leave() {
            restarts += current.end == null ? 1 : 0;
            current.connection.fail(new ChannelClosedException("left", current.connection.context(), null));
            sender.pump(network.nowNs());
            current = sender.connect(receiver);
            filled = false;
        }

        /** Sends all that is not reported, the links in any order. */
        private void fill() {
            filled = true;
            long[] next = Arrays.stream(reported).map(number -> number + 1).toArray();
            while (Arrays.stream(next).anyMatch(number -> number <= count)) {
                int link = random.nextInt(LINKS);
                if (next[link] <= count) {
                    current.send(message(link, next[link]), links[link], next[link]);
                    next[link]++;
                    sent++;
                }
            }
            sender.pump(network.nowNs());
        }

        /** The same each time: the link, the number, and more. */
        private static byte[] message(int link, long number) {
            SeededRandom content = new SeededRandom(LINKS * number + link);
            byte[] message = new byte[9 + (content.chance(0.05) ? content.nextInt(20_000) : content.nextInt(500))];
            content.nextBytes(message);
            ByteBuffer.wrap(message).put((byte) link).putLong(number);
            return message;
        }

        /** Reads a few messages of any connections that have any, in any order. */
        private void readSome() {
            for (; known < receiver.sessions().size(); known++) {
                unread.add(receiver.sessions().get(known));
            }
            for (int i = random.nextInt(20); i > 0 && !unread.isEmpty(); i--) {
                EnginePeer.Session session = random.pick(unread);
                if (random.chance(0.2)) {
                    session.connection.messages().hasNext(network.nowNs());
                }
                if (!readOne(session) && session.end != null) {
                    session.connection.release();
                    unread.remove(session);
                }
            }
        }

        private boolean readOne(EnginePeer.Session session) {
            byte[] message = receiver.read(session);
            if (message == null) {
                return false;
            }
            int link = message[0];
            assertThat(message).isEqualTo(message(link, read[link] + 1));
            read[link]++;
            handedOut++;
            return true;
        }

        /** What is still there was handed out before. */
        private void readAll() {
            for (EnginePeer.Session session : unread) {
                assertThat(readOne(session)).isFalse();
            }
            sender.releaseAll();
            receiver.releaseAll();
        }
    }
}
