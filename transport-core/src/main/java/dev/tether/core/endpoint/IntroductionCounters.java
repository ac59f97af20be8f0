package dev.tether.core.endpoint;

/** What an {@link IntroductionBroker} has counted; plain fields, read and written on its event loop. */
public final class IntroductionCounters {

    /** Requests to be introduced, repeated ones not counted. Each gets one of the answers that follow, unless its peer goes. */
    public long requests;

    /** Answered: the target has accepted. */
    public long accepted;

    /** Answered: the target has refused. */
    public long refused;

    /** Answered: the target is not connected, or went before it had answered. */
    public long unknownPeer;

    /** Answered: too many requests. */
    public long rateLimited;

    /** Answered: the target did not answer in time. */
    public long unanswered;

    /** Answered: the request was for the requester itself or for the gateway. */
    public long invalid;

    /** Answered: a later request for the same target has taken its place. */
    public long replaced;

    /** Requests whose peer went before they were answered. */
    public long abandoned;

    /** Requests that came again, and got their answer again or still wait for it. */
    public long repeatedRequests;

    /** Answers of targets that nobody waits for. */
    public long strayAnswers;

    /** Candidates that were not passed on because nobody may be sent to such an address. */
    public long unusableCandidates;

    /** Candidates that were not passed on because there were too many beside the observed one. */
    public long excessCandidates;

    IntroductionCounters() {}
}
