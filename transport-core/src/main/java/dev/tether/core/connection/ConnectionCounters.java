package dev.tether.core.connection;

/** What a connection has counted; plain fields, read and written on its event loop. */
public final class ConnectionCounters {

    /** Packets sent, acknowledgements and retransmissions included. */
    public long packetsSent;

    /** Their bytes of UDP payload. */
    public long bytesSent;

    /** Authentic packets received. */
    public long packetsReceived;

    /** Their bytes of UDP payload. */
    public long bytesReceived;

    /** Packets declared lost. */
    public long packetsLost;

    /** How often a probe timeout has fired, or a probe was sent for a demanded sign of life, or after the peer has moved. */
    public long probeTimeouts;

    /** Datagrams dropped because they are not authentic. */
    public long unauthenticated;

    /** Datagrams dropped because their packet number was seen, or is too old to tell. */
    public long duplicates;

    /** Datagrams dropped because too many arrived before the response to the own initiation. */
    public long earlyDropped;

    /** Messages handed to the send buffer. */
    public long messagesSent;

    /** Messages handed to the application. */
    public long messagesReceived;

    /** DATAGRAM frames sent. */
    public long datagramsSent;

    /** Datagrams of the peer handed to the application. */
    public long datagramsReceived;

    /** Datagrams of the peer that were dropped because the application did not take them in time. */
    public long datagramsDropped;

    /** DATAGRAM frames whose packet was declared lost; it may have arrived all the same. */
    public long datagramsLost;

    /** Frames of introductions that were dropped because those before them were not polled. */
    public long introductionsDropped;

    ConnectionCounters() {}
}
