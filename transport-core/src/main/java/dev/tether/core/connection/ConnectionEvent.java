package dev.tether.core.connection;

/** Something that happened to a connection and that its driver has to look at. Polled; equal events are merged. */
public enum ConnectionEvent {
    /** There are states to poll: {@link Connection#pollState()}. */
    STATE_CHANGED,
    /** There are events of streams to poll, those of the message stream included: {@link Connection#streams()}. */
    STREAMS,
    /** The peer's application has got more of the numbered messages: {@link Connection#pollDelivered()}. */
    DELIVERED,
    /** Datagrams of the peer have arrived: {@link ConnectionDatagrams#poll()}. */
    DATAGRAMS_ARRIVED,
    /** Datagrams were put into packets, so that there is room again: {@link ConnectionDatagrams#offer}. */
    DATAGRAMS_SENT,
    /** The peer sees this side at another address: {@link Connection#ownAddress()}. */
    OWN_ADDRESS_CHANGED,
    /** Frames of introductions have arrived: {@link ConnectionIntroductions#poll()}. */
    INTRODUCTIONS,
    /** Answers to pings are there: {@link Connection#pollPong()}. */
    PONG,
    /** The connection is over: {@link Connection#end()}. Always the last event. */
    ENDED
}
