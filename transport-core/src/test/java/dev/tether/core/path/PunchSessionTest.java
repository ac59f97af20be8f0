package dev.tether.core.path;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.PunchDatagram;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 12.2. */
class PunchSessionTest {

    private static final long MS = 1_000_000L;
    private static final long START_NS = 1_000_000 * MS;
    private static final PeerIdentity REQUESTER = identity(1);
    private static final PeerIdentity TARGET = identity(2);
    private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress THERE = new InetSocketAddress("192.0.2.2", 2);
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("198.51.100.3", 3);

    private final SeededRandom random = new SeededRandom(1);
    private final PunchOffer requesters = offer(HERE);
    private long nowNs = START_NS;

    // When probes are sent

    @Test
    void allCandidatesAreProbedAtOnceAndThenEverMoreSeldom() {
        PunchSession session = requester(offer(THERE, ELSEWHERE));
        Map<InetSocketAddress, List<Long>> times = new HashMap<>();
        while (session.result() == null) {
            for (PunchTransmit probe : poll(session)) {
                times.computeIfAbsent(probe.to(), to -> new ArrayList<>()).add(nowNs - START_NS);
            }
            nowNs = session.nextTimeoutNs();
            session.handleTimeout(nowNs);
        }

        assertThat(nowNs - START_NS).isEqualTo(PunchSession.TIMEOUT_NS);
        assertThat(session.nextTimeoutNs()).isEqualTo(Long.MAX_VALUE);
        assertThat(times).containsOnlyKeys(THERE, ELSEWHERE).allSatisfy((to, sent) -> {
            assertThat(sent.get(0)).isZero();
            double pauseMs = 50;
            for (int i = 1; i < sent.size(); i++) {
                assertThat((double) (sent.get(i) - sent.get(i - 1)) / MS)
                        .isBetween(0.8 * pauseMs - 0.001, 1.2 * pauseMs + 0.001);
                pauseMs = Math.min(500, 1.5 * pauseMs);
            }
            assertThat(sent).hasSizeBetween(12, 18);
        });
    }

    @Test
    void nothingIsSentToAnAddressThatIsNotOneHosts() {
        PunchSession session = requester(offer(
                new InetSocketAddress("224.0.0.1", 1),
                new InetSocketAddress("255.255.255.255", 1),
                new InetSocketAddress("127.0.0.1", 1),
                new InetSocketAddress("192.0.2.9", 0)));
        assertThat(poll(session)).isEmpty();
        assertThat(session.nextTimeoutNs()).isEqualTo(START_NS + PunchSession.TIMEOUT_NS);
    }

    @Test
    void loopbackIsProbedByOneThatOffersItItself() {
        InetSocketAddress loopback = new InetSocketAddress("127.0.0.1", 7);
        PunchSession session = PunchSession.ofRequester(
                REQUESTER, offer(loopback), TARGET, offer(new InetSocketAddress("127.0.0.1", 8)), random, nowNs);
        assertThat(poll(session)).hasSize(1);
    }

    // Which address is taken

    @Test
    void anAddressIsGoodOnceAReplyHasComeFromThereAndABetterOneIsWaitedForBriefly() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        PunchSession peer = target(targets);
        PunchTransmit probe = poll(session).get(0);

        nowNs += 30 * MS;
        PunchTransmit reply = answer(peer, probe, HERE);
        session.handleDatagram(reply.datagram(), 0, reply.datagram().length, THERE, nowNs);
        assertThat(session.result()).isNull();

        nowNs = timeoutAfterProbes(session);
        assertThat(nowNs).isEqualTo(START_NS + 90 * MS);
        session.handleTimeout(nowNs);
        assertThat(session.result()).isEqualTo(new PunchResult.Reached(THERE, 30 * MS));
    }

    @Test
    void theShorterRoundTripIsPreferred() {
        PunchOffer targets = offer(THERE, ELSEWHERE);
        PunchSession session = requester(targets);
        PunchSession peer = target(targets);
        List<PunchTransmit> first = poll(session);
        nowNs += 45 * MS;
        deliver(session, answer(peer, first.get(0), HERE), THERE);
        nowNs += 20 * MS;
        session.handleTimeout(nowNs);
        PunchTransmit second = poll(session).get(0);
        assertThat(second.to()).isEqualTo(ELSEWHERE);
        nowNs += 10 * MS;
        deliver(session, answer(peer, second, HERE), ELSEWHERE);
        nowNs += 60 * MS;
        session.handleTimeout(nowNs);

        assertThat(session.result()).isEqualTo(new PunchResult.Reached(ELSEWHERE, 10 * MS));
    }

    @Test
    void anAddressInTheOwnNetworkIsTakenAtOnceHoweverSlow() {
        InetSocketAddress neighbour = new InetSocketAddress("192.168.1.9", 9);
        PunchOffer own = offer(HERE, new InetSocketAddress("192.168.1.5", 5));
        PunchOffer targets = offer(THERE, neighbour);
        PunchSession session = PunchSession.ofRequester(REQUESTER, own, TARGET, targets, random, nowNs);
        PunchSession peer = PunchSession.ofTarget(TARGET, targets, REQUESTER, own, random, nowNs);
        List<PunchTransmit> probes = poll(session);
        nowNs += 10 * MS;
        deliver(session, answer(peer, probes.get(0), HERE), THERE);
        nowNs += 40 * MS;
        deliver(session, answer(peer, probes.get(1), own.candidates().get(1)), neighbour);

        assertThat(session.result()).isEqualTo(new PunchResult.Reached(neighbour, 50 * MS));
    }

    @Test
    void aFailureNamesBothNats() {
        PunchSession session =
                requester(new PunchOffer(PunchNonce.ZERO, NatBehaviour.ENDPOINT_DEPENDENT, List.of(THERE)));
        session.handleTimeout(START_NS + PunchSession.TIMEOUT_NS - 1);
        assertThat(session.result()).isNull();
        session.handleTimeout(START_NS + PunchSession.TIMEOUT_NS);
        assertThat(session.result())
                .isEqualTo(new PunchResult.NotReached(NatBehaviour.UNKNOWN, NatBehaviour.ENDPOINT_DEPENDENT, 1, false));
        assertThat(((PunchResult.NotReached) Objects.requireNonNull(session.result())).explanation())
                .contains("nothing was heard of it", "this side's NAT: unknown", "another port for each destination")
                .contains("relay");
    }

    // What the other side's probes do

    @Test
    void aProbeIsAnsweredAndProbedBackAtOnceWhereverItComesFrom() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        PunchSession peer = target(targets);
        poll(session);
        byte[] probe = poll(peer).get(0).datagram();
        session.handleDatagram(probe, 0, probe.length, ELSEWHERE, nowNs);

        assertThat(poll(session))
                .satisfiesExactly(
                        reply -> {
                            assertThat(reply.to()).isEqualTo(ELSEWHERE);
                            assertThat(reply.datagram()).hasSameSizeAs(probe);
                            assertThat(PunchDatagram.isReply(reply.datagram(), 0))
                                    .isTrue();
                            assertThat(PunchDatagram.number(reply.datagram(), 0))
                                    .isEqualTo(PunchDatagram.number(probe, 0));
                        },
                        own -> {
                            assertThat(own.to()).isEqualTo(ELSEWHERE);
                            assertThat(PunchDatagram.isReply(own.datagram(), 0)).isFalse();
                        });
    }

    @Test
    void aProbeFromACandidateHastensTheNextOneThere() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        poll(session);
        nowNs += MS;
        assertThat(poll(session)).isEmpty();
        byte[] probe = nextProbe(target(targets));
        session.handleDatagram(probe, 0, probe.length, THERE, nowNs);
        assertThat(poll(session)).hasSize(2);
    }

    @Test
    void aHostThatHasAnsweredIsAnsweredBeyondTheBudget() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        deliver(session, answer(target(targets), poll(session).get(0), HERE), THERE);
        int replies = 0;
        for (int i = 0; i < 500; i++) {
            byte[] probe = nextProbe(target(targets));
            session.handleDatagram(probe, 0, probe.length, THERE, nowNs);
            replies += poll(session).size();
        }
        assertThat(replies).isEqualTo(500);
        assertThat(500 * PunchDatagram.LENGTH).isGreaterThan(PunchBudget.MAX_BYTES);
    }

    @Test
    void afterItsResultASessionOnlyAnswers() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        PunchSession peer = target(targets);
        deliver(session, answer(peer, poll(session).get(0), HERE), THERE);
        nowNs += 60 * MS;
        session.handleTimeout(nowNs);
        assertThat(session.result()).isInstanceOf(PunchResult.Reached.class);
        assertThat(poll(session)).isEmpty();

        nowNs += PunchSession.LINGER_NS / 2;
        byte[] late = nextProbe(peer);
        session.handleDatagram(late, 0, late.length, THERE, nowNs);
        assertThat(poll(session))
                .singleElement()
                .satisfies(reply ->
                        assertThat(PunchDatagram.isReply(reply.datagram(), 0)).isTrue());
    }

    // Hostile datagrams

    @Test
    void whatThePeerHasNotMadeIsDroppedAndCounted() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        byte[] own = poll(session).get(0).datagram();
        byte[] peers = poll(target(targets)).get(0).datagram();
        List<byte[]> forged = new ArrayList<>(List.of(own, new byte[0], new byte[26], new byte[1200]));
        for (int i = 0; i < peers.length; i++) {
            byte[] changed = peers.clone();
            changed[i] ^= (byte) (1 << random.nextInt(8));
            forged.add(changed);
        }
        long timeoutNs = session.nextTimeoutNs();
        for (byte[] datagram : forged) {
            session.handleDatagram(datagram, 0, datagram.length, ELSEWHERE, nowNs);
        }

        assertThat(session.counters().unauthenticated).isEqualTo(forged.size());
        assertThat(poll(session)).isEmpty();
        assertThat(session.nextTimeoutNs()).isEqualTo(timeoutNs);
    }

    @Test
    void aPunchOfAnotherIntroductionOfTheSamePeersIsForeign() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        byte[] former = poll(target(offer(THERE))).get(0).datagram();
        session.handleDatagram(former, 0, former.length, THERE, nowNs);
        assertThat(session.counters().unauthenticated).isEqualTo(1);
    }

    @Test
    void aReplayedProbeIsNotAnsweredWhereverItComesFrom() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        byte[] probe = poll(target(targets)).get(0).datagram();
        session.handleDatagram(probe, 0, probe.length, THERE, nowNs);
        assertThat(poll(session)).hasSize(2);
        for (int i = 0; i < 1000; i++) {
            InetSocketAddress from = i % 2 == 0 ? THERE : new InetSocketAddress("198.51.100.4", 1 + i);
            session.handleDatagram(probe, 0, probe.length, from, nowNs);
        }
        assertThat(poll(session)).isEmpty();
        assertThat(session.counters().replayedProbes).isEqualTo(1000);
    }

    @Test
    void aReplyCountsOnceAndOnlyFromWhereItsProbeWent() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        PunchTransmit reply = answer(target(targets), poll(session).get(0), HERE);
        deliver(session, reply, ELSEWHERE);
        session.handleTimeout(nowNs + PunchSession.PREFERENCE_NS);
        assertThat(session.result()).isNull();
        assertThat(session.counters().strayReplies).isEqualTo(1);

        deliver(session, reply, THERE);
        deliver(session, reply, THERE);
        assertThat(session.counters().strayReplies).isEqualTo(2);
        session.handleTimeout(nowNs + PunchSession.PREFERENCE_NS);
        assertThat(session.result()).isEqualTo(new PunchResult.Reached(THERE, 0));
    }

    /** A probe that its receiver sends back is no reply, and is no probe of the other side. */
    @Test
    void aReflectorIsNoPeer() {
        PunchSession session = requester(offer(THERE));
        while (session.result() == null) {
            for (PunchTransmit probe : poll(session)) {
                session.handleDatagram(probe.datagram(), 0, probe.datagram().length, probe.to(), nowNs);
                byte[] asReply = probe.datagram().clone();
                asReply[1] = PunchDatagram.REPLY;
                session.handleDatagram(asReply, 0, asReply.length, probe.to(), nowNs);
            }
            nowNs = session.nextTimeoutNs();
            session.handleTimeout(nowNs);
        }
        assertThat(session.result()).isInstanceOf(PunchResult.NotReached.class);
        assertThat(session.counters().unauthenticated).isEqualTo(2 * session.counters().probesSent);
    }

    /** A peer that means harm makes fresh probes, and has them seem to come from wherever it likes. */
    @Test
    void aFloodOfProbesAimsNoMoreThanTheBudgetAtAnyHost() {
        PunchOffer targets = offer(THERE, new InetSocketAddress(ELSEWHERE.getAddress(), 99));
        PunchSession session = requester(targets);
        Map<String, Integer> bytesTo = new HashMap<>();
        int answered = 0;
        while (session.result() == null) {
            for (int i = 0; i < 100; i++) {
                byte[] probe = nextProbe(target(targets));
                session.handleDatagram(
                        probe, 0, probe.length, new InetSocketAddress(ELSEWHERE.getAddress(), 1 + i % 50), nowNs);
                for (PunchTransmit transmit : poll(session)) {
                    bytesTo.merge(
                            transmit.to().getAddress().getHostAddress(), transmit.datagram().length, Integer::sum);
                    answered++;
                }
            }
            nowNs = session.nextTimeoutNs();
            session.handleTimeout(nowNs);
        }

        assertThat(bytesTo.get(ELSEWHERE.getAddress().getHostAddress())).isBetween(4000, PunchBudget.MAX_BYTES);
        assertThat(bytesTo)
                .hasSize(2)
                .allSatisfy((to, bytes) -> assertThat(bytes).isLessThanOrEqualTo(PunchBudget.MAX_BYTES));
        assertThat(answered).isLessThan(400);
        assertThat(session.counters().excessAddresses).isPositive();
        assertThat(session.counters().withheld).isPositive();
    }

    @Test
    void onlyEightAddressesAreLearntFromProbes() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        poll(session);
        List<InetSocketAddress> answered = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            byte[] probe = nextProbe(target(targets));
            InetSocketAddress from = new InetSocketAddress("203.0." + i / 250 + "." + (1 + i % 250), 7);
            session.handleDatagram(probe, 0, probe.length, from, nowNs);
            poll(session).stream().map(PunchTransmit::to).forEach(answered::add);
        }
        assertThat(answered.stream().distinct()).hasSize(PunchSession.MAX_REFLEXIVE);
        assertThat(session.counters().excessAddresses).isEqualTo(5000 - PunchSession.MAX_REFLEXIVE);
    }

    @Test
    void noAddressIsProbedMoreThanSixtyTimesNorAnsweredWithoutEnd() {
        PunchOffer targets = offer(THERE);
        PunchSession session = requester(targets);
        int probes = 0;
        int replies = 0;
        for (int i = 0; i < 5000; i++) {
            byte[] probe = nextProbe(target(targets));
            session.handleDatagram(probe, 0, probe.length, THERE, nowNs);
            for (PunchTransmit transmit : poll(session)) {
                boolean reply = PunchDatagram.isReply(transmit.datagram(), 0);
                replies += reply ? 1 : 0;
                probes += reply ? 0 : 1;
            }
        }
        assertThat(probes).isEqualTo(PunchSession.MAX_PROBES);
        assertThat(PunchDatagram.LENGTH * (probes + replies)).isBetween(4000, PunchBudget.MAX_BYTES);
        assertThat(session.counters().replayedProbes).isEqualTo(5000 - PunchSession.MAX_SEEN);
    }

    @Test
    void anyGarbageIsACountedDrop() {
        PunchSession session = requester(offer(THERE));
        poll(session);
        for (long seed = 0; seed < 20_000; seed++) {
            SeededRandom garbage = new SeededRandom(seed);
            byte[] datagram = new byte[garbage.chance(0.5) ? PunchDatagram.LENGTH : garbage.nextInt(64)];
            garbage.nextBytes(datagram);
            if (datagram.length > 5) {
                System.arraycopy(PunchDatagram.of(garbage.nextInt(2), session.tag(), 0), 0, datagram, 0, 6);
            }
            session.handleDatagram(datagram, 0, datagram.length, ELSEWHERE, nowNs);
        }
        assertThat(session.counters().unauthenticated).isEqualTo(20_000);
        assertThat(poll(session)).isEmpty();
    }

    private PunchSession requester(PunchOffer targets) {
        return PunchSession.ofRequester(REQUESTER, requesters, TARGET, targets, random, nowNs);
    }

    private PunchSession target(PunchOffer targets) {
        return PunchSession.ofTarget(TARGET, targets, REQUESTER, requesters, random, nowNs);
    }

    private PunchOffer offer(InetSocketAddress... candidates) {
        return new PunchOffer(PunchNonce.draw(random), NatBehaviour.UNKNOWN, List.of(candidates));
    }

    private List<PunchTransmit> poll(PunchSession session) {
        List<PunchTransmit> transmits = new ArrayList<>();
        for (PunchTransmit next = session.pollTransmit(nowNs); next != null; next = session.pollTransmit(nowNs)) {
            transmits.add(next);
        }
        return transmits;
    }

    private byte[] nextProbe(PunchSession session) {
        return Objects.requireNonNull(session.pollTransmit(nowNs)).datagram();
    }

    private PunchTransmit answer(PunchSession session, PunchTransmit probe, InetSocketAddress from) {
        session.handleDatagram(probe.datagram(), 0, probe.datagram().length, from, nowNs);
        return poll(session).stream()
                .filter(transmit -> PunchDatagram.isReply(transmit.datagram(), 0))
                .findFirst()
                .orElseThrow();
    }

    private void deliver(PunchSession session, PunchTransmit punch, InetSocketAddress from) {
        session.handleDatagram(punch.datagram(), 0, punch.datagram().length, from, nowNs);
    }

    /** When the session wants to be called next for something else than a probe. */
    private long timeoutAfterProbes(PunchSession session) {
        poll(session);
        return session.nextTimeoutNs();
    }

    private static PeerIdentity identity(int first) {
        byte[] key = new byte[PeerIdentity.LENGTH];
        key[0] = (byte) first;
        return PeerIdentity.of(key);
    }
}
