package dev.tether.reactor;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes wrong in a node without ending it: counted over the node's life, whatever becomes of the connections, and
 * logged at a rate that no sender can raise. Everything but the count of refused commands belongs to the event loop.
 */
final class Incidents {

    private static final Logger log = LoggerFactory.getLogger(ReactorNode.class);

    private final AtomicLong commandsRefused = new AtomicLong();
    private final LogLimit inboundLines = new LogLimit();
    private final LogLimit internalErrorLines = new LogLimit();
    private long inboundDropped;
    private long internalErrors;
    private long endedEventsLost;

    /** The inbound queue of a connection was full. */
    void onInboundDropped(long datagrams, PeerConnection connection, int queueLimit, long nowNs) {
        inboundDropped += datagrams;
        long times = inboundLines.add(datagrams, nowNs);
        if (times > 0) {
            log.warn(
                    "Dropped {} datagrams of peers whose inbound queue of {} was full, the last of {}. They are sent again,"
                            + " so it costs time and nothing else. If it goes on, raise the setting inboundQueue, or find"
                            + " out what holds the event loop up.",
                    times,
                    queueLimit,
                    connection);
        }
    }

    /** A subscriber, or the transport itself, has thrown. */
    void onInternalError(Throwable thrown, PeerConnection connection, long nowNs) {
        internalErrors++;
        long times = internalErrorLines.add(1, nowNs);
        if (times > 0) {
            log.error(
                    "{} unexpected errors of subscribers or of the transport. Each ends the connection that it concerns and"
                            + " is the cause in its error; the last, of {}, is this one",
                    times,
                    connection,
                    thrown);
        }
    }

    /** The queue of commands of a connection was full. From any thread. */
    void onCommandRefused() {
        commandsRefused.getAndIncrement();
    }

    /** A subscriber of {@code ended()} has asked for fewer events than there were. */
    void onEndedEventLost() {
        endedEventsLost++;
    }

    long inboundDropped() {
        return inboundDropped;
    }

    long internalErrors() {
        return internalErrors;
    }

    long commandsRefused() {
        return commandsRefused.get();
    }

    long endedEventsLost() {
        return endedEventsLost;
    }
}
