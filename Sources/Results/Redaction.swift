package import Transcript

// Secrets are taken out as a result is made, so that no report can hold one: of what was said, and of the transcript's own words, where
// somebody may have written a password instead of `${secret.…}`.

extension StepResult {
  package func redacted(by redactor: Redactor) -> StepResult {
    if redactor.isEmpty { return self }
    var step = self
    step.name = name.map(redactor.redact)
    step.cite = cite.map(redactor.redact)
    step.about = about.map(redactor.redact)
    step.expected = expected.map(redactor.redact)
    step.actual = actual.map { $0.redacted(by: redactor) }
    step.differences = differences.map { $0.redacted(by: redactor) }
    return step
  }
}

extension Difference {
  package func redacted(by redactor: Redactor) -> Difference {
    var difference = self
    difference.line = line.map(redactor.redact)
    difference.expected = expected?.redacted(by: redactor)
    difference.observed = observed?.redacted(by: redactor)
    difference.hint = hint.map(redactor.redact)
    return difference
  }
}

extension Reason {
  package func redacted(by redactor: Redactor) -> Reason { Reason(kind, redactor.redact(message)) }
}

extension Said {
  package func redacted(by redactor: Redactor) -> Said { Said(redactor.redact(bytes)) }
}
