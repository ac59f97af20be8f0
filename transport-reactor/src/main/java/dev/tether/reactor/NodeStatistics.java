package dev.tether.reactor;

/**
 * The counters of a node at one moment.
 *
 * @param connections connections that are established now
 * @param halfOpen answered attempts that wait for their confirmation
 * @param pendingAdmissions attempts of peers on which the application has not decided yet
 * @param datagramsReceived datagrams that the socket has received
 * @param bytesReceived their bytes
 * @param datagramsSent datagrams that the socket has sent
 * @param bytesSent their bytes
 * @param strayDatagrams datagrams dropped because they belong to no connection and are no valid initiation
 * @param statelessResets stray datagrams that were answered with a stateless reset: a peer has sent on a connection that
 *     this node does not know, or does not know any more
 * @param invalidInitiations initiations dropped because they do not authenticate or are replayed
 * @param refused attempts of peers that were refused, for whatever reason
 * @param refusedForCapacity of these, those for which there was no room: not among the accepted connections that wait for the
 *     application, nor among the answered attempts, nor among all connections
 * @param refusedByApplication of these, those that {@link ReactiveTransport#admit} has refused
 * @param deferredInitiations initiations dropped because more came than {@code handshakesPerSecond}; their peers send them
 *     again
 * @param sendErrors datagrams that the kernel did not take
 * @param segmentationOffload whether runs of datagrams go to the kernel in one call
 * @param receiveOffload whether runs of datagrams come from the kernel in one call
 */
public record NodeStatistics(
        int connections,
        int halfOpen,
        int pendingAdmissions,
        long datagramsReceived,
        long bytesReceived,
        long datagramsSent,
        long bytesSent,
        long strayDatagrams,
        long statelessResets,
        long invalidInitiations,
        long refused,
        long refusedForCapacity,
        long refusedByApplication,
        long deferredInitiations,
        long sendErrors,
        boolean segmentationOffload,
        boolean receiveOffload) {}
