package dev.tether.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.core.frame.FrameRecord;
import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.FrameWriter;
import dev.tether.core.frame.IntroductionFrame;
import dev.tether.core.frame.IntroductionFrame.Answer;
import dev.tether.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** docs/PROTOCOL.md, sections 8.13 to 8.16. */
class OutgoingIntroductionsTest {

    private static final String FIRST = "40460101" + "00".repeat(18);
    private static final String SECOND = "40460201" + "00".repeat(18);
    private static final int SIZE = FrameWriter.introductionSize(Answer.refusal(1));

    private final OutgoingIntroductions outgoing = new OutgoingIntroductions();
    private long nowNs;
    private final List<Long> recorded = new ArrayList<>();
    private final FrameRecord record = (type, id, offset, length) -> {
        assertThat(type).isEqualTo(FrameType.INTRODUCE);
        recorded.add(id);
    };

    @Test
    void framesAreWrittenOnceInTheirOrder() {
        offer(1);
        offer(2);
        assertThat(write(100)).isEqualTo(FIRST + SECOND);
        assertThat(recorded).containsExactly(1L, 2L);
        assertThat(outgoing.isDue()).isFalse();
        assertThat(write(100)).isEmpty();
    }

    @Test
    void aFrameWaitsForRoom() {
        offer(1);
        offer(2);
        assertThat(write(SIZE - 1)).isEmpty();
        assertThat(write(2 * SIZE - 1)).isEqualTo(FIRST);
        assertThat(outgoing.isDue()).isTrue();
        assertThat(write(SIZE)).isEqualTo(SECOND);
    }

    @Test
    void aLostFrameIsRepeatedUntilOneOfItsPacketsIsAcknowledged() {
        offer(1);
        write(100);
        outgoing.onLost(1);
        outgoing.onLost(1);
        assertThat(write(100)).isEqualTo(FIRST);
        outgoing.onAcked(1);
        outgoing.onLost(1);
        assertThat(outgoing.isDue()).isFalse();
    }

    @Test
    void aFrameThatIsAcknowledgedBeforeItIsRepeatedIsNotRepeated() {
        offer(1);
        write(100);
        outgoing.onLost(1);
        outgoing.onAcked(1);
        assertThat(write(100)).isEmpty();
        assertThat(outgoing.isDue()).isFalse();
    }

    @Test
    void onlySixtyFourWaitForTheirAcknowledgement() {
        for (int i = 1; i <= 64; i++) {
            assertThat(offer(i)).isTrue();
        }
        assertThat(offer(65)).isFalse();
        write(10_000);
        assertThat(offer(65)).isFalse();
        outgoing.onAcked(1);
        assertThat(offer(65)).isTrue();
    }

    /** Who waits for it cannot wait for a probe timeout. */
    @Test
    void aFrameIsRepeatedTwiceBeforeItsLossCanBeKnown() {
        offer(1);
        List<Long> writtenMs = new ArrayList<>();
        for (long ms = 0; ms < 2_000; ms++) {
            nowNs = TimeUnit.MILLISECONDS.toNanos(ms);
            outgoing.onTimeout(nowNs);
            if (!write(100).isEmpty()) {
                writtenMs.add(ms);
            }
        }
        assertThat(writtenMs).containsExactly(0L, 50L, 150L);
        assertThat(outgoing.timeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsAcknowledgedIsNotRepeated() {
        offer(1);
        write(100);
        assertThat(outgoing.timeoutNs()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
        outgoing.onAcked(1);
        assertThat(outgoing.timeoutNs()).isEqualTo(Long.MAX_VALUE);
    }

    private boolean offer(long id) {
        IntroductionFrame frame = Answer.refusal(id);
        return outgoing.offer(frame);
    }

    private String write(int room) {
        byte[] buffer = new byte[room];
        WireWriter out = new WireWriter().wrap(buffer, 0, room);
        boolean wrote = outgoing.write(out, record, nowNs);
        assertThat(wrote).isEqualTo(out.written() > 0);
        return HexFormat.of().formatHex(Arrays.copyOf(buffer, out.written()));
    }
}
