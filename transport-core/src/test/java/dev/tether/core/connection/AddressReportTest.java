package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.wire.WireWriter;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, section 8.12. */
class AddressReportTest {

    private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.1", 4433);
    private static final InetSocketAddress THERE = new InetSocketAddress("192.0.2.2", 4433);

    private final AddressReport report = new AddressReport();
    private final List<Long> recorded = new ArrayList<>();
    private final FrameRecord record = (type, id, offset, length) -> {
        assertThat(type).isEqualTo(FrameType.OBSERVED_ADDRESS);
        recorded.add(id);
    };

    @Test
    void aReportIsWrittenOnce() {
        report.report(HERE);

        assertThat(write(100)).isEqualTo("40430106c00002011151");
        assertThat(recorded).containsExactly(1L);
        assertThat(write(100)).isEmpty();
        assertThat(report.isDue()).isFalse();
    }

    @Test
    void itWaitsForRoom() {
        report.report(HERE);

        assertThat(write(28)).isEmpty();
        assertThat(report.isDue()).isTrue();
        assertThat(write(29)).isNotEmpty();
    }

    @Test
    void aLostReportIsRepeatedUnlessThereIsALaterOne() {
        report.report(HERE);
        write(100);
        report.onLost(1);
        assertThat(write(100)).isEqualTo("40430106c00002011151");

        report.report(THERE);
        write(100);
        report.onLost(1);
        assertThat(report.isDue()).isFalse();
        report.onLost(2);
        assertThat(write(100)).isEqualTo("40430206c00002021151");
    }

    private String write(int room) {
        byte[] buffer = new byte[room];
        WireWriter out = new WireWriter().wrap(buffer, 0, room);
        report.write(out, record);
        return HexFormat.of().formatHex(Arrays.copyOf(buffer, out.written()));
    }
}
