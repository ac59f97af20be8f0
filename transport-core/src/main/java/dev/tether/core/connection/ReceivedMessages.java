package dev.tether.core.connection;

import dev.tether.core.PeerIdentity;
import dev.tether.core.stream.MessageReader;
import dev.tether.core.stream.StreamViolation;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The peer's messages on their way to the application, each numbered one at most once in the life of its link: what an
 * earlier connection has handed out already is passed over. docs/PROTOCOL.md, "Links".
 */
final class ReceivedMessages {

    private final PeerIdentity peer;
    private final MessageReader reader;
    private final LinkLedger ledger;
    private final DeliveryReports reports;

    /** A message that was read and not handed out. */
    private @Nullable ByteBuf ahead;

    ReceivedMessages(PeerIdentity peer, MessageReader reader, LinkLedger ledger, DeliveryReports reports) {
        this.peer = peer;
        this.reader = reader;
        this.ledger = ledger;
        this.reports = reports;
    }

    /** Whether there is a message to hand out, without doing so. */
    boolean hasNext() throws StreamViolation {
        while (true) {
            if (ahead == null) {
                ahead = reader.next();
            }
            if (ahead == null || reader.linkId() == 0) {
                return ahead != null;
            }
            long delivered = ledger.delivered(peer, reader.linkId());
            if (reader.number() > delivered) {
                return true;
            }
            // The peer does not know, or it would not have sent it again.
            reports.report(reader.linkId(), delivered);
            ahead.release();
            ahead = null;
        }
    }

    /** Hands out the next message, which the caller has to release; null if there is none. */
    @Nullable
    ByteBuf next() throws StreamViolation {
        if (!hasNext()) {
            return null;
        }
        if (reader.linkId() != 0) {
            ledger.onDelivered(peer, reader.linkId(), reader.number());
            reports.report(reader.linkId(), reader.number());
        }
        ByteBuf message = ahead;
        ahead = null;
        return message;
    }

    /** Releases what was not handed out. */
    void close() {
        if (ahead != null) {
            ahead.release();
            ahead = null;
        }
        reader.close();
    }
}
