package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.simulation.SeededRandom;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A gateway under seeded random requests, answers, losses of peers, and time: every request of a peer that stays gets exactly one
 * answer, and nothing is left. docs/PROTOCOL.md, section 12.1.
 */
class IntroductionScheduleTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int SEEDS = 300;
    private static final int STEPS = 600;
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("203.0.113.2", 2002);

    private record Request(PeerIdentity from, long id) {}

    private static final class Schedule {
        private final long seed;
        private final SeededRandom random;
        private final IntroductionBroker broker;
        private final List<PeerIdentity> peers = new ArrayList<>();
        private final Set<PeerIdentity> connected = new HashSet<>();
        private final Map<Request, Introduce> open = new HashMap<>();
        private final Map<Request, Introduced> answered = new HashMap<>();
        private final List<Request> known = new ArrayList<>();
        private final Map<Request, Introduce> sent = new HashMap<>();
        private final Map<PeerIdentity, List<Long>> questions = new HashMap<>();
        private final Map<PeerIdentity, Long> asks = new HashMap<>();
        private final Map<PeerIdentity, Long> connectedNs = new HashMap<>();
        private long lastId;
        private long nowNs = SECOND;

        Schedule(long seed) {
            this.seed = seed;
            random = new SeededRandom(seed);
            broker = new IntroductionBroker(IntroductionBrokerTest.identity(999), random.split("broker"), nowNs);
            int count = random.nextInt(2, 12);
            for (int i = 0; i < count; i++) {
                peers.add(IntroductionBrokerTest.identity(i));
                connect(peers.get(i));
            }
        }

        private void connect(PeerIdentity peer) {
            connected.add(peer);
            connectedNs.put(peer, nowNs);
            asks.put(peer, 0L);
        }

        void run() {
            int patience = random.nextInt(1, 500_000_000);
            for (int i = 0; i < STEPS; i++) {
                step();
                drain(false);
                check();
                if (random.chance(0.5)) {
                    nowNs += random.nextInt(patience);
                    fireTimeouts();
                }
            }
            nowNs += IntroductionBroker.ANSWER_NS;
            fireTimeouts();
            assertThat(open).as("seed %d: requests without an answer", seed).isEmpty();
            assertThat(broker.pendingCount()).as("seed %d", seed).isZero();
            nowNs += IntroductionBroker.FORGET_NS;
            fireTimeouts();
            assertThat(broker.rememberedPeers()).as("seed %d", seed).isZero();
            assertThat(broker.nextTimeoutNs()).as("seed %d", seed).isEqualTo(Long.MAX_VALUE);
            IntroductionCounters counters = broker.counters();
            assertThat(counters.accepted
                            + counters.refused
                            + counters.unknownPeer
                            + counters.rateLimited
                            + counters.unanswered
                            + counters.invalid
                            + counters.replaced
                            + counters.abandoned)
                    .as("seed %d: every request is counted once", seed)
                    .isEqualTo(counters.requests);
        }

        private void step() {
            PeerIdentity peer = random.pick(peers);
            int kind = random.nextInt(100);
            if (!connected.contains(peer)) {
                connect(peer);
            } else if (kind < 50) {
                Introduce introduce = new Introduce(++lastId, random.pick(peers), PunchOffer.NONE);
                Request request = new Request(peer, lastId);
                open.put(request, introduce);
                sent.put(request, introduce);
                known.add(request);
                send(peer, introduce);
            } else if (kind < 60 && !known.isEmpty()) {
                Request again = known.get(Math.max(0, known.size() - 1 - random.nextInt(4)));
                Introduce introduce = sent.get(again);
                if (introduce != null && connected.contains(again.from)) {
                    send(again.from, introduce);
                    drain(true);
                }
            } else if (kind < 90) {
                List<Long> ids = questions.getOrDefault(peer, List.of());
                if (!ids.isEmpty()) {
                    long id = random.chance(0.9) ? random.pick(ids) : random.nextLong() >>> 2;
                    Answer answer = random.chance(0.5) ? new Answer(id, true, PunchOffer.NONE) : Answer.refusal(id);
                    broker.handleAnswer(peer, answer, ADDRESS, nowNs);
                }
            } else {
                connected.remove(peer);
                questions.remove(peer);
                open.keySet().removeIf(request -> request.from.equals(peer));
                known.removeIf(request -> request.from.equals(peer));
                broker.handlePeerGone(peer);
            }
        }

        private void send(PeerIdentity from, Introduce introduce) {
            broker.handleIntroduce(
                    from, introduce, ADDRESS, connected.contains(introduce.target()) ? ADDRESS : null, nowNs);
        }

        private void fireTimeouts() {
            while (broker.nextTimeoutNs() <= nowNs) {
                long before = broker.nextTimeoutNs();
                broker.handleTimeout(nowNs);
                assertThat(broker.nextTimeoutNs())
                        .as("seed %d: a timeout that has passed", seed)
                        .isGreaterThan(before);
            }
            drain(false);
        }

        /** @param again whether an answer that was given before may come once more */
        private void drain(boolean again) {
            for (IntroductionTransmit next = broker.pollTransmit(); next != null; next = broker.pollTransmit()) {
                if (next.frame() instanceof Introduction introduction) {
                    assertThat(connected).as("seed %d", seed).contains(next.to());
                    questions
                            .computeIfAbsent(next.to(), to -> new ArrayList<>())
                            .add(introduction.introductionId());
                    asks.merge(next.to(), 1L, Long::sum);
                    long allowed = 20 + 10 * (nowNs - connectedNs.getOrDefault(next.to(), 0L)) / SECOND + 1;
                    assertThat(asks.get(next.to())).as("seed %d", seed).isLessThanOrEqualTo(allowed);
                } else if (next.frame() instanceof Introduced introduced) {
                    Request request = new Request(next.to(), introduced.requestId());
                    Introduced before = answered.put(request, introduced);
                    if (before == null) {
                        assertThat(open.remove(request))
                                .as("seed %d: an answer to an open request", seed)
                                .isNotNull();
                    } else {
                        assertThat(again).as("seed %d: a second answer", seed).isTrue();
                        assertThat(introduced).as("seed %d", seed).isEqualTo(before);
                    }
                    assertThat(introduced.status()).isNotEqualTo(IntroductionStatus.NOT_A_GATEWAY);
                } else {
                    throw new AssertionError("seed " + seed + ": " + next.frame());
                }
            }
        }

        private void check() {
            Set<List<PeerIdentity>> pairs = new HashSet<>();
            open.forEach((request, introduce) -> assertThat(pairs.add(List.of(request.from, introduce.target())))
                    .as("seed %d: one pending introduction of two peers", seed)
                    .isTrue());
            assertThat(broker.pendingCount()).as("seed %d", seed).isEqualTo(open.size());
            assertThat(broker.rememberedPeers()).as("seed %d", seed).isLessThanOrEqualTo(connected.size());
        }
    }

    @Test
    void everyRequestGetsOneAnswerAndNothingIsLeft() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Schedule(seed).run();
        }
    }
}
