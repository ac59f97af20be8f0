package dev.tether.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.examples.transfer.TransferMessage.Abort;
import dev.tether.examples.transfer.TransferMessage.Accept;
import dev.tether.examples.transfer.TransferMessage.Answer;
import dev.tether.examples.transfer.TransferMessage.Begin;
import dev.tether.examples.transfer.TransferMessage.Checking;
import dev.tether.examples.transfer.TransferMessage.Data;
import dev.tether.examples.transfer.TransferMessage.Failed;
import dev.tether.examples.transfer.TransferMessage.Offer;
import dev.tether.examples.transfer.TransferMessage.Present;
import dev.tether.examples.transfer.TransferMessage.Stored;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiveSessionTest {

    @TempDir
    Path directory;

    private final List<Answer> answers = new ArrayList<>();
    private final List<FileResult> results = new ArrayList<>();
    private long nowNs;
    private ReceiveDirectory files;
    private ReceiveSession session;

    @BeforeEach
    void begin() {
        begin(ConflictPolicy.REFUSE);
    }

    @Test
    void aNewFileIsStored() {
        session.handle(offer(1, "a", "hello world"));
        assertThat(takeAnswer()).isEqualTo(new Accept(1, 0, digest("")));

        session.handle(new Begin(0));
        session.handle(data("hello "));
        session.handle(data("world"));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a"));
        assertThat(directory.resolve("a")).hasContent("hello world");
        assertThat(names()).containsExactly("a");
        assertThat(session.summary()).isEqualTo(new SessionSummary(1, 0, 0));
    }

    @Test
    void anEmptyFileIsStoredWithoutData() {
        session.handle(offer(1, "a", ""));
        takeAnswer();
        session.handle(new Begin(0));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a"));
        assertThat(directory.resolve("a")).isEmptyFile();
    }

    @Test
    void aBrokenTransferContinuesWhereItWas() {
        session.handle(offer(1, "a", "hello world"));
        session.handle(new Begin(0));
        session.handle(data("hello "));
        assertThat(session.close()).contains("6 of 11");
        answers.clear();

        begin();
        session.handle(offer(1, "a", "hello world"));
        assertThat(takeAnswer()).isEqualTo(new Accept(1, 6, digest("hello ")));
        session.handle(new Begin(6));
        session.handle(data("world"));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a"));
        assertThat(directory.resolve("a")).hasContent("hello world");
        assertThat(names()).containsExactly("a");
    }

    @Test
    void aCompletePartialFileNeedsNoMoreData() throws IOException {
        Offer offer = offer(1, "a", "hello");
        Files.writeString(directory.resolve(FileName.partial("a", offer.digest())), "hello");

        session.handle(offer);
        assertThat(takeAnswer()).isEqualTo(new Accept(1, 5, digest("hello")));
        session.handle(new Begin(5));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a"));
    }

    @Test
    void aSenderMayBeginAnewInsteadOfContinuing() throws IOException {
        Offer offer = offer(1, "a", "hello");
        Files.writeString(directory.resolve(FileName.partial("a", offer.digest())), "rot");

        session.handle(offer);
        takeAnswer();
        session.handle(new Begin(0));
        session.handle(data("hello"));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a"));
        assertThat(directory.resolve("a")).hasContent("hello");
    }

    @Test
    void aPartialFileThatIsTooLongIsForgotten() throws IOException {
        Offer offer = offer(1, "a", "hello");
        Files.writeString(directory.resolve(FileName.partial("a", offer.digest())), "hello and more");

        session.handle(offer);

        assertThat(takeAnswer()).isEqualTo(new Accept(1, 0, digest("")));
    }

    @Test
    void contentThatIsNotTheOfferedOneIsThrownAway() {
        session.handle(offer(1, "a", "hello"));
        takeAnswer();
        session.handle(new Begin(0));
        session.handle(data("hallo"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.CHANGED);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFileThatIsThereIsSkipped() throws IOException {
        Files.writeString(directory.resolve("a"), "hello");

        session.handle(offer(1, "a", "hello"));

        assertThat(takeAnswer()).isEqualTo(new Present(1, "a"));
        assertThat(session.summary()).isEqualTo(new SessionSummary(0, 1, 0));
    }

    @Test
    void aFileWithOtherContentIsNotTouched() throws IOException {
        Files.writeString(directory.resolve("a"), "other");

        session.handle(offer(1, "a", "hello"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.EXISTS);
        assertThat(directory.resolve("a")).hasContent("other");
        assertThat(names()).containsExactly("a");
        assertThat(session.summary()).isEqualTo(new SessionSummary(0, 0, 1));
    }

    @Test
    void aFileIsOverwrittenOnlyWhenTheNewOneIsComplete() throws IOException {
        begin(ConflictPolicy.OVERWRITE);
        Files.writeString(directory.resolve("a"), "other");

        session.handle(offer(1, "a", "hello"));
        session.handle(new Begin(0));
        session.handle(data("hell"));
        assertThat(directory.resolve("a")).hasContent("other");
        session.handle(data("o"));

        assertThat(directory.resolve("a")).hasContent("hello");
        assertThat(names()).containsExactly("a");
    }

    @Test
    void aFileIsRenamed() throws IOException {
        begin(ConflictPolicy.RENAME);
        Files.writeString(directory.resolve("a.txt"), "other");

        session.handle(offer(1, "a.txt", "hello"));
        takeAnswer();
        session.handle(new Begin(0));
        session.handle(data("hello"));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a-1.txt"));
        assertThat(directory.resolve("a-1.txt")).hasContent("hello");
        assertThat(directory.resolve("a.txt")).hasContent("other");
    }

    @Test
    void aNameThatIsTakenDuringTheTransferIsNotTouched() throws IOException {
        session.handle(offer(1, "a", "hello"));
        takeAnswer();
        session.handle(new Begin(0));
        Files.writeString(directory.resolve("a"), "other");
        session.handle(data("hello"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.EXISTS);
        assertThat(directory.resolve("a")).hasContent("other");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "/tmp/a", "..", "a/b", "a\\b", "a\nb"})
    void aHostileNameIsRefused(String name) {
        session.handle(offer(1, name, "hello"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.BAD_NAME);
        assertThat(directory).isEmptyDirectory();
        assertThat(directory.resolveSibling("a")).doesNotExist();
    }

    @Test
    void aDirectoryOfThatNameIsRefused() throws IOException {
        begin(ConflictPolicy.OVERWRITE);
        Files.createDirectory(directory.resolve("a"));

        session.handle(offer(1, "a", "hello"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.NOT_A_FILE);
    }

    @Test
    void aFileThatIsLargerThanTheDiskIsRefusedAtOnce() {
        session.handle(new Offer(1, Long.MAX_VALUE, digest("x"), "a"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.NO_SPACE);
    }

    @Test
    void aDirectoryThatIsGoneIsAnErrorOfTheFile() throws IOException {
        Files.delete(directory);

        session.handle(offer(1, "a", "hello"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.WRITE_ERROR);
    }

    @Test
    void afterAFailureTheRestOfTheFileIsIgnored() {
        session.handle(offer(1, "a", "hello"));
        takeAnswer();
        session.handle(new Begin(0));
        session.handle(data("hallo"));
        takeFailure();

        session.handle(data("more"));
        session.handle(new Abort(TransferFailure.READ_ERROR, ""));
        session.handle(offer(2, "b", "hi"));

        assertThat(takeAnswer()).isEqualTo(new Accept(2, 0, digest("")));
    }

    @Test
    void whatTheSenderGivesUpIsKeptForItsNextAttempt() {
        session.handle(offer(1, "a", "hello"));
        session.handle(new Begin(0));
        session.handle(data("hel"));
        session.handle(new Abort(TransferFailure.READ_ERROR, "unplugged"));

        assertThat(names()).singleElement().asString().endsWith(".part");
        assertThat(results).singleElement().isInstanceOf(FileResult.Failed.class);
    }

    @Test
    void whatHasChangedAtTheSenderIsNotKept() {
        session.handle(offer(1, "a", "hello"));
        session.handle(new Begin(0));
        session.handle(data("hel"));
        session.handle(new Abort(TransferFailure.CHANGED, "shorter"));

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFileThatIsUnderWayElsewhereIsBusyAndIsNoFailure() {
        session.handle(offer(1, "a", "hello"));
        takeAnswer();
        ReceiveSession other = newSession();

        other.handle(offer(5, "a", "hello"));

        assertThat(takeFailure()).isEqualTo(TransferFailure.BUSY);
        assertThat(other.summary()).isEqualTo(new SessionSummary(0, 0, 0));
    }

    @Test
    void aStalledTransferIsTakenOverByTheSendersNextConnection() {
        session.handle(offer(1, "a", "hello"));
        session.handle(new Begin(0));
        session.handle(data("he"));
        answers.clear();
        nowNs += PartialFiles.STALLED.toNanos();
        ReceiveSession next = newSession();

        next.handle(offer(1, "a", "hello"));
        assertThat(takeAnswer()).isEqualTo(new Accept(1, 2, digest("he")));
        session.handle(data("llo"));
        assertThat(takeFailure()).isEqualTo(TransferFailure.SUPERSEDED);
        next.handle(new Begin(2));
        next.handle(data("llo"));

        assertThat(takeAnswer()).isEqualTo(new Stored(1, "a"));
        assertThat(directory.resolve("a")).hasContent("hello");
    }

    @Test
    void aLongCheckSaysThatItGoesOn() throws IOException {
        Path there = directory.resolve("a");
        Files.write(there, new byte[2_000_000]);
        session = new ReceiveSession(files, new TransferListener() {}, answers::add, () -> nowNs += 300_000_000L);

        session.handle(new Offer(1, 2_000_000, Sha256.ofFile(there), "a"));

        assertThat(answers).hasSizeGreaterThan(1).last().isEqualTo(new Present(1, "a"));
        assertThat(answers.get(0)).isInstanceOf(Checking.class);
    }

    @Test
    void messagesWithoutAPlaceAreViolations() {
        assertViolation(new Begin(0));
        assertViolation(data("x"));
        assertViolation(new Stored(1, "a"));

        session.handle(offer(1, "a", "hello"));
        assertViolation(offer(2, "b", "x"));
        assertViolation(data("x"));
        assertViolation(new Begin(3));

        session.handle(new Begin(0));
        assertViolation(new Begin(0));
        assertViolation(data("hello and more"));
    }

    private void begin(ConflictPolicy policy) {
        files = new ReceiveDirectory(directory, policy, () -> nowNs);
        session = newSession();
    }

    private ReceiveSession newSession() {
        TransferListener listener = new TransferListener() {
            @Override
            public void finished(FileResult result) {
                results.add(result);
            }
        };
        return new ReceiveSession(files, listener, answers::add, () -> nowNs);
    }

    private Answer takeAnswer() {
        assertThat(answers).hasSize(1);
        return answers.remove(0);
    }

    private TransferFailure takeFailure() {
        Answer answer = takeAnswer();
        assertThat(answer).isInstanceOf(Failed.class);
        return ((Failed) answer).failure();
    }

    private void assertViolation(TransferMessage message) {
        assertThatThrownBy(() -> session.handle(message))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.failure()).isEqualTo(TransferFailure.PROTOCOL));
    }

    private List<String> names() {
        String[] names = directory.toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    private static Offer offer(int file, String name, String content) {
        return new Offer(file, content.length(), digest(content), name);
    }

    private static Data data(String content) {
        return new Data(Unpooled.copiedBuffer(content, StandardCharsets.UTF_8));
    }

    private static Sha256 digest(String content) {
        MessageDigest digest = Sha256.newDigest();
        digest.update(content.getBytes(StandardCharsets.UTF_8));
        return Sha256.finish(digest);
    }
}
