package dev.tether.core.endpoint;

import dev.tether.core.CandidateAddress;
import dev.tether.core.PeerIdentity;
import dev.tether.core.RandomSource;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.frame.IntroductionFrame.Introduce;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import dev.tether.core.frame.IntroductionFrame.Introduction;
import dev.tether.core.frame.IntroductionStatus;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.wire.VarInt;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's part in introductions: it asks the target whether it wants to be reached, tells each side where the other may be,
 * and answers each request once. Of the addresses that a peer tells, it passes on those that can belong to one host only, behind
 * the one that it sees itself. docs/PROTOCOL.md, section 12.1.
 *
 * <p>A state machine without a clock: after each input, poll {@link #pollTransmit} until it is null, and call {@link
 * #handleTimeout} at {@link #nextTimeoutNs()}. What it remembers of a peer is bounded, and forgotten when the peer goes or has
 * done nothing for {@link #FORGET_NS}. Not thread-safe.
 */
public final class IntroductionBroker {

    /** How long a target has to answer, in nanoseconds. */
    public static final long ANSWER_NS = TimeUnit.SECONDS.toNanos(5);

    /** For how long what concerns a peer is remembered after its last use; by then its buckets are full. */
    public static final long FORGET_NS = TimeUnit.SECONDS.toNanos(10);

    /** How many introductions may wait for their target; more requests are answered with {@link IntroductionStatus#RATE_LIMITED}. */
    public static final int MAX_PENDING = 10_000;

    /** How often one peer may ask. */
    public static final int REQUESTS_PER_SECOND = 5;

    /** How often it may ask at once. */
    public static final int REQUEST_BURST = 10;

    /** Introductions per second, of all peers; as many at once. */
    private static final int PER_SECOND = 1000;

    private final PeerIdentity self;
    private final RandomSource random;
    private final TokenBucket all;

    /** The one that was used longest ago first. */
    private final Map<PeerIdentity, IntroducedPeer> peers = new LinkedHashMap<>(16, 0.75f, true);

    /** By introduction id; as all wait equally long, the one that is due first comes first. */
    private final Map<Long, PendingIntroduction> pending = new LinkedHashMap<>();

    private final ArrayDeque<IntroductionTransmit> transmits = new ArrayDeque<>();
    private final IntroductionCounters counters = new IntroductionCounters();

    /**
     * A broker without a request.
     *
     * @param self the gateway
     */
    public IntroductionBroker(PeerIdentity self, RandomSource random, long nowNs) {
        this.self = self;
        this.random = random;
        this.all = new TokenBucket(PER_SECOND, PER_SECOND, nowNs);
    }

    // Getters

    public IntroductionCounters counters() {
        return counters;
    }

    /** How many introductions wait for their target. */
    public int pendingCount() {
        return pending.size();
    }

    /** Of how many peers anything is remembered. */
    public int rememberedPeers() {
        return peers.size();
    }

    /** When {@link #handleTimeout} is due; {@link Long#MAX_VALUE} for never. */
    public long nextTimeoutNs() {
        long next = Long.MAX_VALUE;
        if (!pending.isEmpty()) {
            next = pending.values().iterator().next().deadlineNs();
        }
        if (!peers.isEmpty()) {
            next = Math.min(next, peers.values().iterator().next().usedNs() + FORGET_NS);
        }
        return next;
    }

    // Inputs

    /**
     * A connected peer asks to be introduced.
     *
     * @param observed where this node sees the requester
     * @param targetObserved where this node sees the target; null if it is not connected
     */
    public void handleIntroduce(
            PeerIdentity requester,
            Introduce frame,
            InetSocketAddress observed,
            @Nullable InetSocketAddress targetObserved,
            long nowNs) {
        IntroducedPeer peer = use(requester, nowNs);
        Introduced known = peer.answerTo(frame.requestId());
        if (known != null || peer.askedBy(frame.requestId()) != null) {
            counters.repeatedRequests++;
            if (known != null) {
                transmits.add(new IntroductionTransmit(requester, known));
            }
            return;
        }
        counters.requests++;
        IntroductionStatus refusal = refusalOf(peer, frame.target(), targetObserved, nowNs);
        if (refusal == null) {
            introduce(peer, frame, observed, Objects.requireNonNull(targetObserved), nowNs);
        } else {
            answer(peer, Introduced.refusal(frame.requestId(), refusal));
        }
    }

    /**
     * A connected peer answers an {@link Introduction}. One that was not asked for it, or is too late, changes nothing.
     *
     * @param observed where this node sees the target
     */
    public void handleAnswer(PeerIdentity target, Answer frame, InetSocketAddress observed, long nowNs) {
        IntroducedPeer peer = peers.containsKey(target) ? use(target, nowNs) : null;
        PendingIntroduction introduction = peer == null ? null : peer.asking.get(frame.introductionId());
        if (introduction == null) {
            counters.strayAnswers++;
            return;
        }
        use(introduction.requester().identity, nowNs);
        if (frame.accepted()) {
            boolean loopback = introduction.loopback() && isLoopback(observed);
            PunchOffer offer = passedOn(frame.offer(), observed, loopback);
            remove(introduction);
            answer(
                    introduction.requester(),
                    new Introduced(introduction.requestId(), IntroductionStatus.ACCEPTED, offer));
        } else {
            end(introduction, IntroductionStatus.REFUSED);
        }
    }

    /** A connection with this peer has ended; also if there is another one by now, as request ids are those of one connection. */
    public void handlePeerGone(PeerIdentity identity) {
        IntroducedPeer peer = peers.remove(identity);
        if (peer == null) {
            return;
        }
        for (PendingIntroduction introduction : List.copyOf(peer.asked.values())) {
            remove(introduction);
            counters.abandoned++;
        }
        for (PendingIntroduction introduction : new ArrayList<>(peer.asking.values())) {
            end(introduction, IntroductionStatus.UNKNOWN_PEER);
        }
    }

    /** Lets pass what is due at {@code nowNs}; harmless if nothing is. */
    public void handleTimeout(long nowNs) {
        while (!pending.isEmpty()) {
            PendingIntroduction first = pending.values().iterator().next();
            if (first.deadlineNs() > nowNs) {
                break;
            }
            use(first.requester().identity, nowNs);
            end(first, IntroductionStatus.NO_ANSWER);
        }
        // None that has something pending is that old: its last use is not before the latest introduction that it waits
        // for.
        Iterator<IntroducedPeer> eldestFirst = peers.values().iterator();
        while (eldestFirst.hasNext()) {
            IntroducedPeer eldest = eldestFirst.next();
            if (eldest.usedNs() + FORGET_NS > nowNs) {
                return;
            }
            eldestFirst.remove();
        }
    }

    // Outputs

    /** The next frame that is to be sent, or null. */
    public @Nullable IntroductionTransmit pollTransmit() {
        return transmits.poll();
    }

    // Decisions

    /** Why a new request comes to nothing, in the order in which that is asked; null if the target is asked. Takes the tokens. */
    private @Nullable IntroductionStatus refusalOf(
            IntroducedPeer requester, PeerIdentity target, @Nullable InetSocketAddress targetObserved, long nowNs) {
        if (!requester.requests.hasToken(nowNs)) {
            return IntroductionStatus.RATE_LIMITED;
        }
        // Whatever becomes of it: who is connected here cannot be found out faster than that.
        requester.requests.take(nowNs);
        if (target.equals(requester.identity) || target.equals(self)) {
            return IntroductionStatus.INVALID_REQUEST;
        }
        if (targetObserved == null) {
            return IntroductionStatus.UNKNOWN_PEER;
        }
        IntroducedPeer asked = use(target, nowNs);
        if (pending.size() >= MAX_PENDING || !asked.introductions.hasToken(nowNs) || !all.hasToken(nowNs)) {
            return IntroductionStatus.RATE_LIMITED;
        }
        asked.introductions.take(nowNs);
        all.take(nowNs);
        return null;
    }

    private void introduce(
            IntroducedPeer requester,
            Introduce frame,
            InetSocketAddress observed,
            InetSocketAddress targetObserved,
            long nowNs) {
        IntroducedPeer target = use(frame.target(), nowNs);
        PendingIntroduction former = requester.asked.get(target.identity);
        if (former != null) {
            end(former, IntroductionStatus.REPLACED);
        }
        PendingIntroduction introduction = new PendingIntroduction(
                newId(), frame.requestId(), requester, target, isLoopback(observed), nowNs + ANSWER_NS);
        pending.put(introduction.id(), introduction);
        requester.asked.put(target.identity, introduction);
        target.asking.put(introduction.id(), introduction);
        boolean loopback = introduction.loopback() && isLoopback(targetObserved);
        PunchOffer offer = passedOn(frame.offer(), observed, loopback);
        transmits.add(new IntroductionTransmit(
                target.identity, new Introduction(introduction.id(), requester.identity, offer)));
    }

    private PunchOffer passedOn(PunchOffer offer, InetSocketAddress observed, boolean loopback) {
        List<InetSocketAddress> passed = new ArrayList<>(PunchOffer.MAX_CANDIDATES);
        if (CandidateAddress.isUsable(observed, loopback)) {
            passed.add(observed);
        }
        for (InetSocketAddress candidate : offer.candidates()) {
            if (!CandidateAddress.isUsable(candidate, loopback)) {
                counters.unusableCandidates++;
            } else if (passed.size() == PunchOffer.MAX_CANDIDATES) {
                counters.excessCandidates++;
            } else if (!passed.contains(candidate)) {
                passed.add(candidate);
            }
        }
        return offer.withCandidates(passed);
    }

    private void end(PendingIntroduction introduction, IntroductionStatus status) {
        remove(introduction);
        answer(introduction.requester(), Introduced.refusal(introduction.requestId(), status));
    }

    private void answer(IntroducedPeer requester, Introduced answer) {
        switch (answer.status()) {
            case ACCEPTED -> counters.accepted++;
            case UNKNOWN_PEER -> counters.unknownPeer++;
            case REFUSED -> counters.refused++;
            case RATE_LIMITED -> counters.rateLimited++;
            case NO_ANSWER -> counters.unanswered++;
            case INVALID_REQUEST -> counters.invalid++;
            case REPLACED -> counters.replaced++;
            case NOT_A_GATEWAY -> throw new AssertionError("this node is a gateway");
        }
        requester.keep(answer);
        transmits.add(new IntroductionTransmit(requester.identity, answer));
    }

    private void remove(PendingIntroduction introduction) {
        pending.remove(introduction.id());
        introduction.requester().asked.remove(introduction.target().identity);
        introduction.target().asking.remove(introduction.id());
    }

    private IntroducedPeer use(PeerIdentity identity, long nowNs) {
        IntroducedPeer peer = peers.get(identity);
        if (peer == null) {
            peer = new IntroducedPeer(identity, nowNs);
            peers.put(identity, peer);
        }
        peer.onUsed(nowNs);
        return peer;
    }

    /** Drawn, so that the ids tell a target nothing of introductions to others. */
    private long newId() {
        long id;
        do {
            id = random.nextLong() & VarInt.MAX;
        } while (pending.containsKey(id));
        return id;
    }

    private static boolean isLoopback(InetSocketAddress observed) {
        return observed.getAddress().isLoopbackAddress();
    }
}
