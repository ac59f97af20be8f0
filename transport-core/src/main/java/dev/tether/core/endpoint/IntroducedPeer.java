package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame.Introduced;
import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a gateway remembers of one peer that it introduces, or introduces others to. */
final class IntroducedPeer {

    /** How many answers are kept for the case that their requests come again. docs/PROTOCOL.md, section 12.1. */
    static final int MAX_ANSWERS = 16;

    private static final int INTRODUCTIONS_PER_SECOND = 10;
    private static final int INTRODUCTION_BURST = 20;

    final PeerIdentity identity;

    /** For what it asks. */
    final TokenBucket requests;

    /** For what it is asked. */
    final TokenBucket introductions;

    /** What it waits for, by target. */
    final Map<PeerIdentity, PendingIntroduction> asked = new HashMap<>(2);

    /** What is waited for from it, by introduction id. */
    final LongObjectHashMap<PendingIntroduction> asking = new LongObjectHashMap<>(2);

    private final ArrayDeque<Introduced> answers = new ArrayDeque<>(1);
    private long usedNs;

    IntroducedPeer(PeerIdentity identity, long nowNs) {
        this.identity = identity;
        this.requests =
                new TokenBucket(IntroductionBroker.REQUESTS_PER_SECOND, IntroductionBroker.REQUEST_BURST, nowNs);
        this.introductions = new TokenBucket(INTRODUCTIONS_PER_SECOND, INTRODUCTION_BURST, nowNs);
        this.usedNs = nowNs;
    }

    void onUsed(long nowNs) {
        usedNs = nowNs;
    }

    /** When it was last used. */
    long usedNs() {
        return usedNs;
    }

    @Nullable
    PendingIntroduction askedBy(long requestId) {
        for (PendingIntroduction pending : asked.values()) {
            if (pending.requestId() == requestId) {
                return pending;
            }
        }
        return null;
    }

    @Nullable
    Introduced answerTo(long requestId) {
        for (Introduced answer : answers) {
            if (answer.requestId() == requestId) {
                return answer;
            }
        }
        return null;
    }

    void keep(Introduced answer) {
        if (answers.size() == MAX_ANSWERS) {
            answers.remove();
        }
        answers.add(answer);
    }
}
