package dev.tether.core.path;

/** What a {@link PunchSession} has counted; plain fields, read and written on its event loop. */
public final class PunchCounters {

    /** Probes sent. */
    public long probesSent;

    /** Replies sent. */
    public long repliesSent;

    /** Datagrams dropped because they are no punch, not of this introduction, or not made by the peer. */
    public long unauthenticated;

    /** Probes dropped because they were seen before. */
    public long replayedProbes;

    /** Replies dropped because they answer no probe that is waited for, or come from elsewhere than the probe was sent to. */
    public long strayReplies;

    /** Probes dropped because they came from one address more than are remembered, or one that none may be sent to. */
    public long excessAddresses;

    /** Probes and replies not sent because their host had got as much as it may before it answers. */
    public long withheld;

    PunchCounters() {}
}
