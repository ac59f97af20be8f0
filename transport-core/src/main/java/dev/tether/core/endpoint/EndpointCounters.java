package dev.tether.core.endpoint;

/** What an endpoint has counted; plain fields, read and written on its event loop. */
public final class EndpointCounters {

    /** Datagrams that belong to no connection and are no valid initiation. */
    public long strayDatagrams;

    /** Stateless resets that answered stray data packets. */
    public long statelessResets;

    /** Stray data packets that were not answered with a stateless reset, because there were too many. */
    public long statelessResetsWithheld;

    /** Initiations that do not authenticate, are malformed, or are not newer than one before. */
    public long invalidInitiations;

    /** Authentic attempts that were refused, for whatever reason. */
    public long refused;

    /** Of these, those for which there was no room. */
    public long refusedForCapacity;

    /** Of these, those that the application has refused. */
    public long refusedByApplication;

    /** Initiations dropped because more come than are answered per second; their senders send them again. */
    public long deferredInitiations;

    EndpointCounters() {}
}
