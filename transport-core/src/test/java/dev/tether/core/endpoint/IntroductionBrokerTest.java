package dev.tether.core.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.simulation.SeededRandom;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 12.1. */
class IntroductionBrokerTest {

    private static final long SECOND = 1_000_000_000L;
    private static final PeerIdentity GATEWAY = identity(1);
    private static final PeerIdentity REQUESTER = identity(2);
    private static final PeerIdentity TARGET = identity(3);
    private static final InetSocketAddress REQUESTERS = new InetSocketAddress("203.0.113.2", 2002);
    private static final InetSocketAddress TARGETS = new InetSocketAddress("203.0.113.3", 2003);
    private static final InetSocketAddress LAN = new InetSocketAddress("192.168.1.5", 4433);
    private static final InetSocketAddress LOOPBACK = new InetSocketAddress("127.0.0.1", 4433);

    private final SeededRandom random = new SeededRandom(1);
    private final IntroductionBroker broker = new IntroductionBroker(GATEWAY, random, SECOND);
    private final IntroductionCounters counters = broker.counters();
    private final PunchOffer requestersOffer = offer(LAN);
    private final PunchOffer targetsOffer = offer(LAN);
    private long nowNs = SECOND;

    @Test
    void eachSideLearnsWhereTheOtherIsSeenAndWhatItTells() {
        request(7);
        IntroductionTransmit question = one();
        Introduction introduction = (Introduction) question.frame();
        assertThat(question.to()).isEqualTo(TARGET);
        assertThat(introduction.requester()).isEqualTo(REQUESTER);
        assertThat(introduction.offer()).isEqualTo(requestersOffer.withCandidates(List.of(REQUESTERS, LAN)));

        broker.handleAnswer(TARGET, new Answer(introduction.introductionId(), true, targetsOffer), TARGETS, nowNs);
        assertThat(one())
                .isEqualTo(new IntroductionTransmit(
                        REQUESTER,
                        new Introduced(
                                7, IntroductionStatus.ACCEPTED, targetsOffer.withCandidates(List.of(TARGETS, LAN)))));
        assertThat(broker.pendingCount()).isZero();
        assertThat(counters.accepted).isEqualTo(1);
    }

    @Test
    void aRefusalIsPassedOn() {
        request(7);
        broker.handleAnswer(TARGET, Answer.refusal(asked()), TARGETS, nowNs);
        assertAnswered(7, IntroductionStatus.REFUSED);
    }

    @Test
    void onePeerIsNotConnected() {
        broker.handleIntroduce(REQUESTER, new Introduce(7, TARGET, requestersOffer), REQUESTERS, null, nowNs);
        assertAnswered(7, IntroductionStatus.UNKNOWN_PEER);
        assertThat(broker.rememberedPeers()).as("nothing of the unknown one").isEqualTo(1);
    }

    @Test
    void nobodyIsIntroducedToItselfOrToTheGateway() {
        broker.handleIntroduce(REQUESTER, new Introduce(7, REQUESTER, requestersOffer), REQUESTERS, REQUESTERS, nowNs);
        assertAnswered(7, IntroductionStatus.INVALID_REQUEST);
        broker.handleIntroduce(REQUESTER, new Introduce(8, GATEWAY, requestersOffer), REQUESTERS, null, nowNs);
        assertAnswered(8, IntroductionStatus.INVALID_REQUEST);
    }

    @Test
    void aTargetThatIsSilentForFiveSecondsDoesNotAnswer() {
        request(7);
        long introduction = asked();
        assertThat(broker.nextTimeoutNs()).isEqualTo(6 * SECOND);
        broker.handleTimeout(6 * SECOND - 1);
        assertThat(broker.pollTransmit()).isNull();
        broker.handleTimeout(6 * SECOND);
        assertAnswered(7, IntroductionStatus.NO_ANSWER);

        broker.handleAnswer(TARGET, new Answer(introduction, true, targetsOffer), TARGETS, 6 * SECOND);
        assertThat(broker.pollTransmit()).isNull();
        assertThat(counters.strayAnswers).isEqualTo(1);
    }

    @Test
    void aTargetThatGoesIsUnknownAtOnce() {
        request(7);
        asked();
        broker.handlePeerGone(TARGET);
        assertAnswered(7, IntroductionStatus.UNKNOWN_PEER);
        assertThat(broker.pendingCount()).isZero();
    }

    @Test
    void aRequesterThatGoesTakesItsRequestsWithIt() {
        request(7);
        long introduction = asked();
        broker.handlePeerGone(REQUESTER);
        broker.handleAnswer(TARGET, new Answer(introduction, true, targetsOffer), TARGETS, nowNs);
        assertThat(broker.pollTransmit()).isNull();
        assertThat(broker.pendingCount()).isZero();
        assertThat(counters.abandoned).isEqualTo(1);
    }

    @Test
    void onlyWhoWasAskedMayAnswer() {
        request(7);
        long introduction = asked();
        broker.handleAnswer(identity(9), Answer.refusal(introduction), REQUESTERS, nowNs);
        broker.handleAnswer(REQUESTER, Answer.refusal(introduction), REQUESTERS, nowNs);
        assertThat(broker.pollTransmit()).isNull();
        assertThat(counters.strayAnswers).isEqualTo(2);
        broker.handleAnswer(TARGET, Answer.refusal(introduction), TARGETS, nowNs);
        assertAnswered(7, IntroductionStatus.REFUSED);
    }

    @Test
    void theSameRequestAgainIsOneRequestAndGetsItsAnswerAgain() {
        request(7);
        long introduction = asked();
        request(7);
        assertThat(broker.pollTransmit()).isNull();
        broker.handleAnswer(TARGET, Answer.refusal(introduction), TARGETS, nowNs);
        assertAnswered(7, IntroductionStatus.REFUSED);
        request(7);
        assertAnswered(7, IntroductionStatus.REFUSED);
        assertThat(counters.requests).isEqualTo(1);
        assertThat(counters.refused).isEqualTo(1);
        assertThat(counters.repeatedRequests).isEqualTo(2);
    }

    @Test
    void aLaterRequestForTheSameTargetReplacesTheFormer() {
        request(7);
        long former = asked();
        request(8);
        assertAnswered(7, IntroductionStatus.REPLACED);
        long later = asked();
        assertThat(later).isNotEqualTo(former);
        assertThat(broker.pendingCount()).isEqualTo(1);

        broker.handleAnswer(TARGET, Answer.refusal(former), TARGETS, nowNs);
        assertThat(broker.pollTransmit()).isNull();
        broker.handleAnswer(TARGET, Answer.refusal(later), TARGETS, nowNs);
        assertAnswered(8, IntroductionStatus.REFUSED);
    }

    @Test
    void twoMayAskForEachOtherAtOnce() {
        request(7);
        long first = asked();
        broker.handleIntroduce(TARGET, new Introduce(7, REQUESTER, targetsOffer), TARGETS, REQUESTERS, nowNs);
        long second = asked();
        broker.handleAnswer(REQUESTER, Answer.refusal(second), REQUESTERS, nowNs);
        assertThat(one().to()).isEqualTo(TARGET);
        broker.handleAnswer(TARGET, Answer.refusal(first), TARGETS, nowNs);
        assertThat(one().to()).isEqualTo(REQUESTER);
    }

    // Limits

    @Test
    void aRequesterHasTenRequestsAtOnceAndThenFivePerSecond() {
        for (int i = 0; i < 100; i++) {
            broker.handleIntroduce(
                    REQUESTER, new Introduce(i, identity(100 + i), requestersOffer), REQUESTERS, null, nowNs);
        }
        assertThat(counters.unknownPeer).isEqualTo(10);
        assertThat(counters.rateLimited).isEqualTo(90);
        nowNs += SECOND;
        for (int i = 100; i < 110; i++) {
            request(i);
            poll();
        }
        assertThat(counters.rateLimited).isEqualTo(95);
    }

    @Test
    void aTargetIsAskedTwentyTimesAtOnceAndThenTenTimesPerSecond() {
        for (int i = 0; i < 100; i++) {
            broker.handleIntroduce(
                    identity(100 + i), new Introduce(1, TARGET, requestersOffer), REQUESTERS, TARGETS, nowNs);
        }
        assertThat(broker.pendingCount()).isEqualTo(20);
        assertThat(counters.rateLimited).isEqualTo(80);
        nowNs += SECOND;
        for (int i = 0; i < 100; i++) {
            broker.handleIntroduce(
                    identity(300 + i), new Introduce(1, TARGET, requestersOffer), REQUESTERS, TARGETS, nowNs);
        }
        assertThat(broker.pendingCount()).isEqualTo(30);
    }

    @Test
    void aGatewayIntroducesAThousandPerSecond() {
        for (int i = 0; i < 3000; i++) {
            broker.handleIntroduce(
                    identity(10_000 + i),
                    new Introduce(1, identity(20_000 + i), requestersOffer),
                    REQUESTERS,
                    TARGETS,
                    nowNs);
        }
        assertThat(broker.pendingCount()).isEqualTo(1000);
        assertThat(counters.rateLimited).isEqualTo(2000);
    }

    /** The time limit alone keeps the number far below; a clock that leaps shows the other limit. */
    @Test
    void noMoreThanTenThousandWait() {
        for (int round = 0; round < 12; round++) {
            nowNs += SECOND;
            for (int i = 0; i < 1000; i++) {
                int number = 1000 * round + i;
                broker.handleIntroduce(
                        identity(100_000 + number),
                        new Introduce(1, identity(200_000 + number), requestersOffer),
                        REQUESTERS,
                        TARGETS,
                        nowNs);
            }
        }
        assertThat(broker.pendingCount()).isEqualTo(IntroductionBroker.MAX_PENDING);
        assertThat(counters.rateLimited).isEqualTo(2000);
    }

    @Test
    void aRateLimitedRequestReplacesNothing() {
        request(0);
        asked();
        for (int i = 1; i < 10; i++) {
            broker.handleIntroduce(
                    REQUESTER, new Introduce(i, identity(100 + i), requestersOffer), REQUESTERS, null, nowNs);
        }
        poll();
        request(10);
        assertAnswered(10, IntroductionStatus.RATE_LIMITED);
        assertThat(broker.pendingCount()).isEqualTo(1);
    }

    @Test
    void whatIsKnownOfAPeerIsForgottenAfterTenSeconds() {
        request(7);
        broker.handleAnswer(TARGET, Answer.refusal(asked()), TARGETS, nowNs);
        poll();
        assertThat(broker.rememberedPeers()).isEqualTo(2);
        assertThat(broker.nextTimeoutNs()).isEqualTo(nowNs + IntroductionBroker.FORGET_NS);
        broker.handleTimeout(nowNs + IntroductionBroker.FORGET_NS - 1);
        assertThat(broker.rememberedPeers()).isEqualTo(2);
        broker.handleTimeout(nowNs + IntroductionBroker.FORGET_NS);
        assertThat(broker.rememberedPeers()).isZero();
        assertThat(broker.nextTimeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    // Candidates

    @Test
    void whatMayHitNobodyOrManyIsNotPassedOn() {
        PunchOffer mixed = offer(
                LAN,
                LOOPBACK,
                new InetSocketAddress("224.0.0.1", 1),
                new InetSocketAddress("255.255.255.255", 1),
                new InetSocketAddress("203.0.113.9", 0),
                REQUESTERS);
        broker.handleIntroduce(REQUESTER, new Introduce(7, TARGET, mixed), REQUESTERS, TARGETS, nowNs);
        assertThat(one().frame().offer().candidates()).containsExactly(REQUESTERS, LAN);
        assertThat(counters.unusableCandidates).isEqualTo(4);
        assertThat(counters.excessCandidates).isZero();
    }

    @Test
    void theObservedAddressComesFirstAndEightAreTheMost() {
        InetSocketAddress[] eight = IntStream.rangeClosed(1, 8)
                .mapToObj(i -> new InetSocketAddress("192.168.1." + i, 4433))
                .toArray(InetSocketAddress[]::new);
        broker.handleIntroduce(REQUESTER, new Introduce(7, TARGET, offer(eight)), REQUESTERS, TARGETS, nowNs);
        assertThat(one().frame().offer().candidates())
                .hasSize(8)
                .startsWith(REQUESTERS, eight[0])
                .endsWith(eight[6]);
        assertThat(counters.excessCandidates).isEqualTo(1);
    }

    @Test
    void loopbackIsPassedOnOnlyIfBothAreOnThisHost() {
        InetSocketAddress here = new InetSocketAddress("127.0.0.1", 5001);
        InetSocketAddress alsoHere = new InetSocketAddress("127.0.0.1", 5002);
        broker.handleIntroduce(REQUESTER, new Introduce(7, TARGET, offer(LOOPBACK, LAN)), here, TARGETS, nowNs);
        assertThat(one().frame().offer().candidates()).containsExactly(LAN);

        broker.handleIntroduce(REQUESTER, new Introduce(8, TARGET, offer(LOOPBACK, LAN)), here, alsoHere, nowNs);
        poll();
        request(9, here, alsoHere);
        List<IntroductionTransmit> transmits = poll();
        assertThat(transmits.get(1).frame().offer().candidates()).containsExactly(here, LAN);
        Introduction introduction = (Introduction) transmits.get(1).frame();
        broker.handleAnswer(TARGET, new Answer(introduction.introductionId(), true, offer(LOOPBACK)), alsoHere, nowNs);
        assertThat(one().frame().offer().candidates()).containsExactly(alsoHere, LOOPBACK);
    }

    private void request(long id) {
        request(id, REQUESTERS, TARGETS);
    }

    private void request(long id, InetSocketAddress observed, InetSocketAddress targetObserved) {
        broker.handleIntroduce(REQUESTER, new Introduce(id, TARGET, requestersOffer), observed, targetObserved, nowNs);
    }

    /** The id of the introduction that the target is asked about, which is the only frame to be sent. */
    private long asked() {
        return ((Introduction) one().frame()).introductionId();
    }

    private IntroductionTransmit one() {
        IntroductionTransmit transmit = broker.pollTransmit();
        assertThat(transmit).isNotNull();
        return Objects.requireNonNull(transmit);
    }

    private List<IntroductionTransmit> poll() {
        List<IntroductionTransmit> transmits = new ArrayList<>();
        for (IntroductionTransmit next = broker.pollTransmit(); next != null; next = broker.pollTransmit()) {
            transmits.add(next);
        }
        return transmits;
    }

    private void assertAnswered(long requestId, IntroductionStatus status) {
        assertThat(one()).isEqualTo(new IntroductionTransmit(REQUESTER, Introduced.refusal(requestId, status)));
    }

    private PunchOffer offer(InetSocketAddress... candidates) {
        return new PunchOffer(PunchNonce.draw(random), NatBehaviour.UNKNOWN, List.of(candidates));
    }

    static PeerIdentity identity(int number) {
        byte[] key = new byte[PeerIdentity.LENGTH];
        for (int i = 0; i < Integer.BYTES; i++) {
            key[i] = (byte) (number >>> Byte.SIZE * i);
        }
        return PeerIdentity.of(key);
    }
}
