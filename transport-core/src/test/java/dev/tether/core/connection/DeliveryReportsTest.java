package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.wire.VarInt;
import dev.tether.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 8.11. */
class DeliveryReportsTest {

    /** Two bytes of type, and twice eight of the greatest number. */
    private static final int LONGEST = 18;

    private final DeliveryReports reports = new DeliveryReports();
    private final List<String> recorded = new ArrayList<>();
    private final FrameRecord record = (type, id, offset, length) -> {
        assertThat(type).isEqualTo(FrameType.MESSAGES_DELIVERED);
        recorded.add(id + ":" + offset);
    };

    @Test
    void withoutAMessageNothingIsReported() {
        assertThat(reports.isDue()).isFalse();
        assertThat(write(1000)).isEmpty();
    }

    @Test
    void aReportIsWrittenOnce() {
        reports.report(7, 300);
        assertThat(reports.isDue()).isTrue();
        assertThat(write(1000)).isEqualTo("404207412c");
        assertThat(recorded).containsExactly("7:300");
        assertThat(reports.isDue()).isFalse();
        assertThat(write(1000)).isEmpty();
    }

    @Test
    void ofSeveralReportsOfALinkTheNewestIsWritten() {
        reports.report(7, 1);
        reports.report(7, 2);
        reports.report(8, 1);
        reports.report(7, 3);
        write(1000);
        assertThat(recorded).containsExactlyInAnyOrder("8:1", "7:3");
    }

    @Test
    void theGreatestNumbersFitTheRoomThatIsAskedFor() {
        reports.report(VarInt.MAX, VarInt.MAX);
        assertThat(write(LONGEST - 1)).isEmpty();
        assertThat(reports.isDue()).isTrue();
        assertThat(write(LONGEST)).hasSize(2 * LONGEST);
        assertThat(reports.isDue()).isFalse();
    }

    @Test
    void whatHasNoRoomStaysDue() {
        for (int link = 1; link <= 5; link++) {
            reports.report(link, 10);
        }
        write(LONGEST + 5);
        assertThat(recorded).hasSize(2);
        assertThat(reports.isDue()).isTrue();
        write(1000);
        assertThat(recorded).containsExactlyInAnyOrder("1:10", "2:10", "3:10", "4:10", "5:10");
        assertThat(reports.isDue()).isFalse();
    }

    @Test
    void aLostReportIsWrittenAgain() {
        reports.report(7, 1);
        write(1000);
        reports.onLost(7, 1);
        assertThat(reports.isDue()).isTrue();
        write(1000);
        assertThat(recorded).containsExactly("7:1", "7:1");
    }

    @Test
    void aLostReportThatANewerOneHasReplacedIsNotWrittenAgain() {
        reports.report(7, 1);
        write(1000);
        reports.report(7, 2);
        write(1000);
        reports.onLost(7, 1);
        assertThat(reports.isDue()).isFalse();
        reports.onLost(7, 2);
        write(1000);
        assertThat(recorded).containsExactly("7:1", "7:2", "7:2");
    }

    @Test
    void sixteenLinksAreKeptThatWereUsedLast() {
        int links = LinkLedger.MAX_LINKS_OF_PEER;
        for (int link = 1; link <= links; link++) {
            reports.report(link, 1);
        }
        reports.report(1, 2);
        reports.report(links + 1, 1);
        write(1000);
        assertThat(recorded).hasSize(16).contains("1:2", "3:1", "17:1").doesNotContain("2:1");
        reports.onLost(2, 1);
        assertThat(reports.isDue()).isFalse();
    }

    @Test
    void oneThatIsDueIsNotForgottenForOneThatWasWritten() {
        int links = LinkLedger.MAX_LINKS_OF_PEER;
        for (int link = 1; link <= links; link++) {
            reports.report(link, 1);
        }
        write(1000);
        recorded.clear();
        reports.onLost(1, 1);
        reports.report(links + 1, 1);
        write(1000);
        assertThat(recorded).containsExactlyInAnyOrder("1:1", "17:1");
    }

    @Test
    void thousandsOfLinksTakeOnePacketAtTheMost() {
        for (int link = 1; link <= 5000; link++) {
            reports.report(VarInt.MAX - link, VarInt.MAX);
        }
        assertThat(write(16 * LONGEST)).hasSize(2 * 16 * LONGEST);
        assertThat(reports.isDue()).isFalse();
    }

    /** What is written into so many bytes. */
    private String write(int room) {
        WireWriter out = new WireWriter().wrap(new byte[room], 0, room);
        int before = recorded.size();
        boolean wrote = reports.write(out, record);
        assertThat(wrote).isEqualTo(recorded.size() > before);
        return HexFormat.of().formatHex(Arrays.copyOf(out.array(), out.written()));
    }
}
