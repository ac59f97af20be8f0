package dev.tether.reactor;

import java.time.Duration;

/**
 * The counters of one connection at one moment.
 *
 * @param smoothedRtt the smoothed round-trip time (RFC 9002 §5.3)
 * @param minRtt the lowest round-trip time seen
 * @param congestionWindow how many bytes may be in flight
 * @param bytesInFlight how many bytes are sent and neither acknowledged nor lost
 * @param datagramSize the size of a full datagram, in bytes of UDP payload
 * @param packetsSent packets sent, acknowledgements and retransmissions included
 * @param bytesSent their bytes of UDP payload
 * @param packetsReceived authentic packets received
 * @param bytesReceived their bytes of UDP payload
 * @param packetsLost packets declared lost and sent again
 * @param probeTimeouts how often a probe timeout has fired
 * @param messagesSent messages handed to the transport
 * @param messagesReceived messages delivered to the application
 * @param datagramsSent unreliable datagrams put into packets
 * @param datagramsReceived unreliable datagrams delivered to the application
 * @param datagramsDropped unreliable datagrams that had arrived and were dropped: the application did not ask for them in time
 * @param datagramsLost unreliable datagrams sent whose packet was declared lost; some may have arrived all the same
 * @param inboundDropped datagrams dropped because the inbound queue was full; loss recovery repairs them
 * @param unauthenticated datagrams dropped because they are not authentic
 * @param duplicates datagrams dropped because their packet number was seen or is too old
 */
public record ConnectionStatistics(
        Duration smoothedRtt,
        Duration minRtt,
        long congestionWindow,
        long bytesInFlight,
        int datagramSize,
        long packetsSent,
        long bytesSent,
        long packetsReceived,
        long bytesReceived,
        long packetsLost,
        long probeTimeouts,
        long messagesSent,
        long messagesReceived,
        long datagramsSent,
        long datagramsReceived,
        long datagramsDropped,
        long datagramsLost,
        long inboundDropped,
        long unauthenticated,
        long duplicates) {}
