package dev.tether.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tether.core.frame.FrameType;
import dev.tether.core.frame.TransportErrorCode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamSetTest {

    private static final int WINDOW = 16 * 1024;

    private StreamPair pair = new StreamPair();
    private StreamSet dialing = pair.dialing;
    private StreamSet accepting = pair.accepting;

    @AfterEach
    void everythingIsReleased() {
        pair.close();
    }

    private void use(StreamLimits limits, StreamBounds bounds) {
        pair = new StreamPair(limits, bounds);
        dialing = pair.dialing;
        accepting = pair.accepting;
    }

    private void useSmallWindows(int connection, int stream) {
        use(new StreamLimits(connection, stream, 4, 4), new StreamBounds(connection, stream, 1 << 20, 1000));
    }

    // ---- opening, RFC 9000 §2.1, §4.6

    @Test
    void theMessageStreamExistsAtBothEndsAndIsNotAccepted() throws StreamViolation {
        StreamPair.write(dialing, 0, 10);
        StreamPair.write(accepting, 0, 20);
        pair.exchange();

        assertThat(accepting.readable(0)).isEqualTo(10);
        assertThat(dialing.readable(0)).isEqualTo(20);
        assertThat(accepting.pollAccepted()).isEqualTo(-1);
    }

    @Test
    void eachSideOpensStreamsWithItsOwnIds() {
        assertThat(dialing.openStream(true)).isEqualTo(4);
        assertThat(dialing.openStream(false)).isEqualTo(2);
        assertThat(dialing.openStream(true)).isEqualTo(8);
        assertThat(accepting.openStream(true)).isEqualTo(1);
        assertThat(accepting.openStream(false)).isEqualTo(3);
    }

    @Test
    void aStreamOpensThoseWithLowerIds() throws StreamViolation {
        dialing.openStream(true);
        long second = dialing.openStream(true);
        StreamPair.write(dialing, second, 1);
        pair.exchange();

        assertThat(accepting.pollAccepted()).isEqualTo(4);
        assertThat(accepting.pollAccepted()).isEqualTo(8);
        assertThat(accepting.pollAccepted()).isEqualTo(-1);
    }

    @Test
    void noMoreStreamsAreOpenedThanThePeerAllows() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        for (int i = 0; i < 4; i++) {
            assertThat(dialing.openStream(false)).isNotNegative();
        }
        assertThat(dialing.openStream(false)).isEqualTo(-1);
        assertThat(Sent.by(dialing).types()).containsExactly((long) FrameType.STREAMS_BLOCKED_UNI);
        assertThat(dialing.frames().hasFramesToSend()).isFalse();
        assertThat(dialing.pollOpenable(false)).isFalse();
    }

    @Test
    void aFinishedStreamMakesRoomForAnother() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        for (int i = 0; i < 4; i++) {
            dialing.finish(dialing.openStream(false));
        }
        dialing.openStream(false);
        pair.exchange();
        while (accepting.pollFinished() >= 0) {
            pair.exchange();
        }

        assertThat(dialing.pollOpenable(false)).isTrue();
        assertThat(dialing.pollOpenable(false)).isFalse();
        assertThat(dialing.openStream(false)).isEqualTo(18);
    }

    @Test
    void aFinishedStreamWhosePlaceIsKeptMakesRoomWhenThatIsFreed() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        for (int i = 0; i < 4; i++) {
            dialing.finish(dialing.openStream(false));
        }
        dialing.openStream(false);
        pair.exchange();
        for (long id = accepting.pollAccepted(); id >= 0; id = accepting.pollAccepted()) {
            accepting.keepPlace(id);
        }
        while (accepting.pollFinished() >= 0) {
            pair.exchange();
        }
        assertThat(dialing.pollOpenable(false)).isFalse();

        for (int i = 0; i < 4; i++) {
            accepting.freePlace(2 + 4 * i);
        }
        pair.exchange();
        assertThat(dialing.pollOpenable(false)).isTrue();
        assertThat(dialing.openStream(false)).isEqualTo(18);
    }

    @Test
    void manyStreamsInTurnNeverRunOutWhileOthersStayOpen() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        for (int i = 0; i < 3; i++) {
            StreamPair.write(dialing, dialing.openStream(false), 1);
        }
        for (int i = 0; i < 100; i++) {
            long id = dialing.openStream(false);
            assertThat(id).as("stream %d", i).isNotNegative();
            dialing.finish(id);
            pair.exchange();
            assertThat(accepting.pollFinished()).isEqualTo(id);
            assertThat(dialing.pollFinished()).isEqualTo(id);
            pair.exchange();
        }
        assertThat(dialing.size()).isEqualTo(4 - 1);
    }

    // ---- violations, RFC 9000 §3.2, §4.1, §4.5, §4.6, §19

    @Test
    void aStreamBeyondTheLimitIsAViolation() {
        assertViolation(
                TransportErrorCode.STREAM_LIMIT_ERROR,
                () -> accepting.frames().onStream(4 * 256, 0, new byte[1], 0, 1, false));
        assertViolation(
                TransportErrorCode.STREAM_LIMIT_ERROR,
                () -> dialing.frames().onStream(4 * 256 + 3, 0, new byte[1], 0, 1, false));
    }

    @Test
    void aFrameForAStreamThatWasNeverOpenedHereIsAViolation() {
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> dialing.frames().onStream(4, 0, new byte[1], 0, 1, false));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> dialing.frames().onMaxStreamData(4, 9));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> dialing.frames().onStopSending(4, 9));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> accepting.frames().onResetStream(1, 9, 0));
    }

    @Test
    void aFrameAgainstTheDirectionOfAStreamIsAViolation() {
        long uni = dialing.openStream(false);
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR,
                () -> dialing.frames().onStream(uni, 0, new byte[1], 0, 1, false));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> dialing.frames().onResetStream(uni, 1, 0));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> dialing.frames().onStreamDataBlocked(uni));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> accepting.frames().onMaxStreamData(uni, 9));
        assertViolation(
                TransportErrorCode.STREAM_STATE_ERROR, () -> accepting.frames().onStopSending(uni, 9));
    }

    @Test
    void bytesBeyondTheStreamsLimitAreAViolation() {
        useSmallWindows(2 * WINDOW, WINDOW);
        assertViolation(
                TransportErrorCode.FLOW_CONTROL_ERROR,
                () -> accepting.frames().onStream(0, WINDOW, new byte[1], 0, 1, false));
        assertViolation(
                TransportErrorCode.FLOW_CONTROL_ERROR, () -> accepting.frames().onResetStream(0, 7, WINDOW + 1));
    }

    @Test
    void bytesBeyondTheConnectionsLimitAreAViolation() throws StreamViolation {
        useSmallWindows(2 * WINDOW, WINDOW);
        accepting.frames().onStream(0, WINDOW - 1, new byte[1], 0, 1, false);
        accepting.frames().onStream(4, WINDOW - 1, new byte[1], 0, 1, false);
        assertViolation(
                TransportErrorCode.FLOW_CONTROL_ERROR,
                () -> accepting.frames().onStream(8, 0, new byte[1], 0, 1, false));
    }

    @Test
    void anEndThatChangesIsAViolation() throws StreamViolation {
        accepting.frames().onStream(0, 10, new byte[10], 0, 10, false);
        assertViolation(
                TransportErrorCode.FINAL_SIZE_ERROR,
                () -> accepting.frames().onStream(0, 0, new byte[19], 0, 19, true));
        accepting.frames().onStream(0, 20, new byte[0], 0, 0, true);
        assertViolation(
                TransportErrorCode.FINAL_SIZE_ERROR,
                () -> accepting.frames().onStream(0, 20, new byte[1], 0, 1, false));
        assertViolation(
                TransportErrorCode.FINAL_SIZE_ERROR,
                () -> accepting.frames().onStream(0, 0, new byte[21], 0, 21, true));
        assertViolation(
                TransportErrorCode.FINAL_SIZE_ERROR, () -> accepting.frames().onResetStream(0, 7, 21));
        assertViolation(
                TransportErrorCode.FINAL_SIZE_ERROR, () -> accepting.frames().onResetStream(0, 7, 19));
    }

    @Test
    void tooManyGapsAreAViolation() throws StreamViolation {
        for (int i = 1; i <= 4000; i++) {
            accepting.frames().onStream(0, 2L * i, new byte[1], 0, 1, false);
        }
        assertViolation(
                TransportErrorCode.PROTOCOL_VIOLATION,
                () -> accepting.frames().onStream(0, 8002, new byte[1], 0, 1, false));
    }

    @Test
    void aFrameForAStreamThatIsOverIsIgnored() throws StreamViolation {
        long id = dialing.openStream(false);
        dialing.finish(id);
        pair.exchange();
        assertThat(accepting.pollFinished()).isEqualTo(id);

        accepting.frames().onStream(id, 0, new byte[5], 0, 5, false);
        accepting.frames().onResetStream(id, 1, 5);
        assertThat(accepting.size()).isZero();
    }

    // ---- flow control, RFC 9000 §4

    @Test
    void aReaderThatStopsStopsTheWriter() throws StreamViolation {
        useSmallWindows(2 * WINDOW, WINDOW);
        assertThat(StreamPair.write(dialing, 0, 2 * WINDOW)).isEqualTo(WINDOW);
        pair.exchange();
        assertThat(StreamPair.write(dialing, 0, 100)).isZero();
        pair.exchange();
        assertThat(dialing.pollWritable()).isEqualTo(-1);

        assertThat(StreamPair.readAll(accepting, 0)).isEqualTo(WINDOW);
        pair.exchange();
        assertThat(dialing.pollWritable()).isZero();
        assertThat(dialing.writable(0)).isEqualTo(WINDOW);
    }

    @Test
    void thePeerIsToldOnceThatAWriterIsBlocked() throws StreamViolation {
        useSmallWindows(2 * WINDOW, WINDOW);
        StreamPair.write(dialing, 0, WINDOW);
        StreamPair.transmit(dialing, accepting);
        StreamPair.write(dialing, 0, 1);

        assertThat(Sent.by(dialing).types()).containsExactly((long) FrameType.STREAM_DATA_BLOCKED);
        StreamPair.write(dialing, 0, 1);
        assertThat(dialing.frames().hasFramesToSend()).isFalse();
    }

    @Test
    void aStreamWithoutReaderDoesNotStopItsSiblings() throws StreamViolation {
        useSmallWindows(2 * WINDOW, WINDOW);
        long stalled = dialing.openStream(true);
        long sibling = dialing.openStream(true);
        StreamPair.write(dialing, stalled, 2 * WINDOW);
        pair.exchange();
        int moved = 0;
        for (int i = 0; i < 100; i++) {
            StreamPair.write(dialing, sibling, WINDOW);
            pair.exchange();
            moved += StreamPair.readAll(accepting, sibling);
            pair.exchange();
        }
        assertThat(moved).isGreaterThan(50 * WINDOW);
    }

    @Test
    void theConnectionsLimitHoldsBackNewBytesButNotLostOnesNorEnds() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        StreamPair.write(dialing, 0, WINDOW);
        Sent first = Sent.by(dialing);
        StreamPair.transmit(dialing, accepting);
        long second = dialing.openStream(true);
        StreamPair.write(dialing, second, 10);
        assertThat(Sent.by(dialing).types()).containsExactly((long) FrameType.DATA_BLOCKED);
        assertThat(dialing.frames().hasFramesToSend()).isFalse();

        first.lostBy(dialing);
        assertThat(dialing.frames().hasFramesToSend()).isTrue();
        assertThat(Sent.by(dialing).notes().get(0))
                .containsExactly(FrameType.STREAM, 0, 0, first.notes().get(0)[3]);
        long third = dialing.openStream(true);
        dialing.finish(third);
        assertThat(Sent.by(dialing).notes().get(0)).containsExactly(SendStream.STREAM_WITH_FIN, third, 0, 0);
    }

    @Test
    void aLostLimitIsSentAgainWithItsPresentValue() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        accepting.frames().onStream(0, 0, new byte[WINDOW], 0, WINDOW, false);
        accepting.read(0, WINDOW / 2).release();
        StreamPair.readAll(accepting, 0);
        Sent update = Sent.by(accepting);
        assertThat(update.types()).containsExactly((long) FrameType.MAX_DATA, (long) FrameType.MAX_STREAM_DATA);
        accepting.frames().onStream(0, WINDOW, new byte[100], 0, 100, false);
        StreamPair.readAll(accepting, 0);
        assertThat(accepting.frames().hasFramesToSend()).isFalse();

        update.lostBy(accepting);
        Sent again = Sent.by(accepting);
        assertThat(again.notes().get(0)).containsExactly(FrameType.MAX_DATA, 0, 2 * WINDOW + 100, 0);
        assertThat(again.notes().get(1)).containsExactly(FrameType.MAX_STREAM_DATA, 0, 2 * WINDOW + 100, 0);
        update.lostBy(accepting);
        assertThat(accepting.frames().hasFramesToSend()).isFalse();
    }

    @Test
    void theSendBufferIsSharedAndItsRoomIsReported() throws StreamViolation {
        use(StreamLimits.defaults(), new StreamBounds(64 << 20, 16 << 20, 1 << 16, 1000));
        long other = dialing.openStream(true);
        assertThat(StreamPair.write(dialing, 0, 1 << 20)).isEqualTo(1 << 15);
        assertThat(StreamPair.write(dialing, other, 1 << 20)).isEqualTo(1 << 14);
        assertThat(dialing.pollWritable()).isEqualTo(-1);

        pair.exchange();
        assertThat(dialing.pollWritable()).isZero();
        assertThat(dialing.pollWritable()).isEqualTo(other);
        assertThat(dialing.pollWritable()).isEqualTo(-1);
        assertThat(dialing.writable(other)).isEqualTo(1 << 15);
    }

    @Test
    void whatIsDroppedByAResetIsCreditAgain() throws StreamViolation {
        useSmallWindows(WINDOW, WINDOW);
        long id = dialing.openStream(true);
        StreamPair.write(dialing, id, WINDOW);
        StreamPair.transmit(dialing, accepting);
        dialing.reset(id, 7);
        pair.exchange();

        assertThat(StreamPair.write(dialing, 0, WINDOW)).isEqualTo(WINDOW);
        pair.exchange();
        assertThat(accepting.readable(0)).isEqualTo(WINDOW);
    }

    // ---- sending

    @Test
    void streamsTakeTurns() {
        long first = dialing.openStream(true);
        long second = dialing.openStream(true);
        StreamPair.write(dialing, first, 5000);
        StreamPair.write(dialing, second, 5000);

        assertThat(Sent.by(dialing).notes().get(0)[1]).isEqualTo(first);
        assertThat(Sent.by(dialing).notes().get(0)[1]).isEqualTo(second);
        assertThat(Sent.by(dialing).notes().get(0)[1]).isEqualTo(first);
        assertThat(Sent.by(dialing).notes().get(0)[1]).isEqualTo(second);
    }

    @Test
    void smallWritesOfSeveralStreamsShareAPacket() {
        for (int i = 0; i < 3; i++) {
            StreamPair.write(dialing, dialing.openStream(true), 100);
        }
        assertThat(Sent.by(dialing).notes()).hasSize(3);
        assertThat(dialing.frames().hasFramesToSend()).isFalse();
    }

    @Test
    void lostBytesGoBeforeNewOnes() {
        StreamPair.write(dialing, 0, 10_000);
        Sent lost = Sent.by(dialing);
        Sent.by(dialing);
        lost.lostBy(dialing);

        assertThat(Sent.by(dialing).notes().get(0)[2]).isZero();
    }

    @Test
    void theEndTravelsWithTheLastBytes() throws StreamViolation {
        StreamPair.write(dialing, 0, 10);
        dialing.finish(0);
        Sent packet = Sent.by(dialing);

        assertThat(packet.notes()).hasSize(1);
        packet.deliverTo(accepting);
        assertThat(accepting.pollReadable()).isZero();
        assertThat(StreamPair.readAll(accepting, 0)).isEqualTo(10);
        assertThat(accepting.isAtEnd(0)).isTrue();
    }

    @Test
    void aRoomTooSmallForAFrameIsLeftAlone() {
        StreamPair.write(dialing, 0, 1000);

        assertThat(Sent.by(dialing, 20, 0, 1)).isNull();
        assertThat(dialing.frames().hasFramesToSend()).isTrue();
    }

    @Test
    void nothingIsSentBeforeThePeersLimitsAreKnown() {
        StreamSet early =
                new StreamSet(true, StreamLimits.defaults(), StreamBounds.defaults(), pair.allocator, pair.chunks);
        assertThat(StreamPair.write(early, 0, 10)).isZero();
        assertThat(early.openStream(true)).isEqualTo(-1);
        assertThat(early.frames().hasFramesToSend()).isFalse();

        early.frames().setPeerLimits(StreamLimits.defaults());
        assertThat(early.pollWritable()).isZero();
        assertThat(early.pollOpenable(true)).isTrue();
    }

    // ---- ends, RFC 9000 §3

    @Test
    void aStreamIsForgottenWhenBothPartsAreOver() throws StreamViolation {
        long id = dialing.openStream(true);
        StreamPair.write(dialing, id, 5000);
        dialing.finish(id);
        pair.exchange();
        assertThat(dialing.pollAcked()).isEqualTo(id);
        assertThat(dialing.isDelivered(id)).isTrue();
        assertThat(dialing.ackedOffset(id)).isEqualTo(5000);
        StreamPair.readAll(accepting, id);
        assertThat(accepting.pollFinished()).isEqualTo(-1);

        accepting.finish(id);
        pair.exchange();
        assertThat(accepting.pollFinished()).isEqualTo(id);
        assertThat(dialing.pollReadable()).isEqualTo(id);
        assertThat(dialing.isAtEnd(id)).isTrue();
        assertThat(dialing.pollFinished()).isEqualTo(id);
        assertThat(dialing.size() + accepting.size()).isZero();
    }

    @Test
    void aResetIsReportedWithItsCodeAndEndsTheStream() throws StreamViolation {
        long id = dialing.openStream(false);
        StreamPair.write(dialing, id, 5000);
        StreamPair.transmit(dialing, accepting);
        dialing.reset(id, 77);
        pair.exchange();

        assertThat(accepting.readable(id)).isZero();
        assertThat(accepting.pollFinished()).isEqualTo(-1);
        assertThat(accepting.pollReset()).isEqualTo(id);
        assertThat(accepting.resetCode(id)).isEqualTo(77);
        assertThat(accepting.pollFinished()).isEqualTo(id);
        assertThat(dialing.pollFinished()).isEqualTo(id);
    }

    @Test
    void aLostResetIsSentAgain() throws StreamViolation {
        long id = dialing.openStream(false);
        dialing.reset(id, 77);
        Sent lost = Sent.by(dialing);
        assertThat(dialing.frames().hasFramesToSend()).isFalse();
        lost.lostBy(dialing);
        pair.exchange();

        assertThat(accepting.resetCode(id)).isEqualTo(77);
    }

    @Test
    void aReaderThatWantsNoMoreStopsTheWriter() throws StreamViolation {
        long id = dialing.openStream(false);
        StreamPair.write(dialing, id, 50_000);
        Sent.by(dialing).deliverTo(accepting);
        accepting.stopSending(id, 88);
        assertThat(accepting.readable(id)).isZero();
        pair.exchange();

        assertThat(dialing.pollStopped()).isEqualTo(id);
        assertThat(dialing.stopCode(id)).isEqualTo(88);
        assertThat(StreamPair.write(dialing, id, 1)).isZero();
        assertThat(accepting.pollReset()).isEqualTo(id);
        assertThat(accepting.pollFinished()).isEqualTo(id);
        assertThat(dialing.pollFinished()).isEqualTo(id);
    }

    @Test
    void aStoppedStreamIsOverAsSoonAsItsEndIsKnown() throws StreamViolation {
        long id = dialing.openStream(false);
        StreamPair.write(dialing, id, 10_000);
        dialing.finish(id);
        accepting.frames().onStream(id, 9_999, new byte[1], 0, 1, true);
        accepting.stopSending(id, 88);

        assertThat(accepting.pollFinished()).isEqualTo(id);
        assertThat(accepting.frames().hasFramesToSend()).isFalse();
    }

    @Test
    void aSpuriousLossDoesNotChangeWhatIsDelivered() throws StreamViolation {
        long id = dialing.openStream(false);
        StreamPair.write(dialing, id, 500);
        dialing.finish(id);
        Sent packet = Sent.by(dialing);
        packet.deliverTo(accepting);
        packet.lostBy(dialing);
        packet.ackedBy(dialing);

        assertThat(dialing.isDelivered(id)).isTrue();
        assertThat(Sent.by(dialing, 1200, 0, 1)).isNull();
        assertThat(dialing.frames().hasFramesToSend()).isFalse();
    }

    @Test
    void callsAfterReleaseAreHarmless() throws StreamViolation {
        long id = dialing.openStream(true);
        StreamPair.write(dialing, id, 1000);
        StreamPair.write(dialing, 0, 1000);
        accepting.frames().onStream(0, 5, new byte[5], 0, 5, false);
        Sent packet = Sent.by(dialing);
        dialing.releaseAll();
        accepting.releaseAll();

        packet.ackedBy(dialing);
        packet.lostBy(dialing);
        packet.deliverTo(accepting);
        assertThat(StreamPair.write(dialing, 0, 1)).isZero();
        assertThat(dialing.openStream(true)).isEqualTo(-1);
        assertThat(dialing.frames().hasFramesToSend()).isFalse();
        assertThat(Sent.by(dialing, 1200, 0, 1)).isNull();
        dialing.finish(id);
        dialing.reset(id, 1);
        dialing.stopSending(id, 1);
        dialing.frames().setPeerLimits(StreamLimits.defaults());
        assertThat(accepting.read(0, 10).isReadable()).isFalse();
        assertThat(accepting.pollReadable()).isEqualTo(-1);
        assertThat(accepting.pollAccepted()).isEqualTo(-1);
        assertThat(dialing.pollAcked() + dialing.pollFinished() + dialing.pollWritable())
                .isEqualTo(-3);
    }

    @Test
    void readBuffersBelongToTheReader() throws StreamViolation {
        dialing.write(0, Unpooled.wrappedBuffer(new byte[] {1, 2, 3}), 3);
        pair.exchange();
        ByteBuf bytes = accepting.read(0, 10);
        accepting.releaseAll();

        assertThat(bytes.refCnt()).isEqualTo(1);
        assertThat(bytes.getByte(2)).isEqualTo((byte) 3);
        bytes.release();
    }

    private static void assertViolation(long errorCode, ThrowingCallable input) {
        assertThatExceptionOfType(StreamViolation.class)
                .isThrownBy(input)
                .satisfies(violation -> assertThat(violation.errorCode()).isEqualTo(errorCode))
                .satisfies(violation -> assertThat(violation.getStackTrace()).isEmpty());
    }
}
