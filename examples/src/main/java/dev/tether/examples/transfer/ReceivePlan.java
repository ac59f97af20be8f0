package dev.tether.examples.transfer;

import java.io.IOException;

/** What a receiver does with an offered file, given what it has of that name. */
sealed interface ReceivePlan {

    /** How many alternative names are tried. */
    int MAX_ALTERNATIVES = 9999;

    /** It has the content already, as {@code name}. */
    record Present(String name) implements ReceivePlan {}

    /** It wants the content, to store it as {@code name}, in place of what is there or not. */
    record Receive(String name, boolean replace) implements ReceivePlan {}

    /** It does not want it. */
    record Refuse(TransferFailure failure, String text) implements ReceivePlan {}

    /** What there is of a name. */
    enum Existing {
        ABSENT,
        SAME_CONTENT,
        OTHER_CONTENT,
        NOT_A_FILE
    }

    /** Looks up what there is of a name. */
    @FunctionalInterface
    interface Lookup {
        Existing find(String name) throws IOException;
    }

    /** Decides for a file that is offered as {@code name}. */
    static ReceivePlan decide(String name, ConflictPolicy policy, Lookup lookup) throws IOException {
        Existing existing = lookup.find(name);
        if (existing == Existing.ABSENT) {
            return new Receive(name, false);
        }
        if (existing == Existing.SAME_CONTENT) {
            return new Present(name);
        }
        return switch (policy) {
            case REFUSE ->
                existing == Existing.NOT_A_FILE
                        ? new Refuse(TransferFailure.NOT_A_FILE, name + " is there and is not a file")
                        : new Refuse(TransferFailure.EXISTS, name + " is there with other content");
            case OVERWRITE ->
                existing == Existing.NOT_A_FILE
                        ? new Refuse(TransferFailure.NOT_A_FILE, name + " is not a file and cannot be overwritten")
                        : new Receive(name, true);
            case RENAME -> alternative(name, lookup);
        };
    }

    private static ReceivePlan alternative(String name, Lookup lookup) throws IOException {
        for (int i = 1; i <= MAX_ALTERNATIVES; i++) {
            String candidate = FileName.alternative(name, i);
            Existing existing = lookup.find(candidate);
            if (existing == Existing.ABSENT) {
                return new Receive(candidate, false);
            }
            if (existing == Existing.SAME_CONTENT) {
                return new Present(candidate);
            }
        }
        return new Refuse(TransferFailure.EXISTS, name + " and all its alternative names are taken");
    }
}
