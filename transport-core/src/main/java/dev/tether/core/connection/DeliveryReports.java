package dev.tether.core.connection;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the peer is told of its numbered messages: for each of its links that was seen on this connection, up to which number
 * they were handed to the application. A lost report is replaced by the newest one. Bounded like the {@link LinkLedger}.
 */
final class DeliveryReports {

    private static final int MAX_LENGTH = VarInt.size(FrameType.MESSAGES_DELIVERED) + 2 * Long.BYTES;

    private static final class Report {
        private final long linkId;
        private long number;
        private boolean due;

        Report(long linkId) {
            this.linkId = linkId;
        }
    }

    /** From the one that was used least recently; seldom more than one. */
    private final List<Report> reports = new ArrayList<>(1);

    private boolean due;

    /** The messages of a link up to {@code number} are done with. */
    void report(long linkId, long number) {
        Report report = find(linkId);
        if (report == null) {
            if (reports.size() == LinkLedger.MAX_LINKS_OF_PEER) {
                removeEldest();
            }
            report = new Report(linkId);
            reports.add(report);
        } else if (reports.get(reports.size() - 1) != report) {
            reports.remove(report);
            reports.add(report);
        }
        report.number = number;
        report.due = true;
        due = true;
    }

    boolean isDue() {
        return due;
    }

    /** Writes what is due, as far as there is room; returns whether anything was written. */
    boolean write(WireWriter out, FrameRecord record) {
        if (!due) {
            return false;
        }
        boolean wrote = false;
        due = false;
        for (int i = 0; i < reports.size(); i++) {
            Report report = reports.get(i);
            if (report.due && out.remaining() >= MAX_LENGTH) {
                FrameWriter.writeNumbers(out, FrameType.MESSAGES_DELIVERED, report.linkId, report.number);
                record.addFrame(FrameType.MESSAGES_DELIVERED, report.linkId, report.number, 0);
                report.due = false;
                wrote = true;
            }
            due |= report.due;
        }
        return wrote;
    }

    void onLost(long linkId, long number) {
        Report report = find(linkId);
        if (report != null && report.number == number) {
            report.due = true;
            due = true;
        }
    }

    /** One that is not due, as without a report the peer waits in vain. */
    private void removeEldest() {
        for (int i = 0; i < reports.size(); i++) {
            if (!reports.get(i).due) {
                reports.remove(i);
                return;
            }
        }
        reports.remove(0);
    }

    private @Nullable Report find(long linkId) {
        for (int i = 0; i < reports.size(); i++) {
            if (reports.get(i).linkId == linkId) {
                return reports.get(i);
            }
        }
        return null;
    }
}
