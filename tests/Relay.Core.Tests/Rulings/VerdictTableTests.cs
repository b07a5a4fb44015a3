using Microsoft.Extensions.Logging;
using Relay.Core.Rulings;

namespace Relay.Core.Tests.Rulings;

public sealed class VerdictTableTests
{
    [Fact]
    public void For_EveryVerdict_HasAConsistentRow()
    {
        var tags = new HashSet<string>(StringComparer.Ordinal);
        foreach (var verdict in Enum.GetValues<Verdict>())
        {
            var row = VerdictTable.For(verdict);
            Assert.True(Enum.IsDefined(row.Settlement), $"{verdict}");
            Assert.Matches("^[a-z_]+$", row.Tag);
            Assert.True(tags.Add(row.Tag), $"{verdict}: tag {row.Tag} is taken");
            Assert.Equal(
                row.Tag,
                string.Concat(
                    verdict.ToString()
                        .Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}")));
            var (status, level) = row.Settlement switch
            {
                SettlementAction.Complete => (row.HttpStatus is 200 or 202, row.Level == LogLevel.Debug),
                SettlementAction.Postpone => (row.HttpStatus is 202 or 429, row.Level == LogLevel.Debug),
                SettlementAction.Retry or SettlementAction.Abandon => (row.HttpStatus == (row.IsUnproved ? 422 : 503), true),
                SettlementAction.DeadLetter => (
                    row.IsUnproved ? row.HttpStatus == 422 : row.HttpStatus is >= 400 and <= 500, row.Level >= LogLevel.Warning),
            };
            Assert.True(status, $"{verdict}: status {row.HttpStatus} does not go with {row.Settlement}");
            Assert.True(level, $"{verdict}: level {row.Level} does not go with {row.Settlement}");
        }
    }

    [Fact]
    public void For_WhatIsDecidedBeforeAQuorumIsVerified_IsOneAnswerToWhoeverAsks() => Assert.Equal(
        [
            Verdict.UnknownNegotiation, Verdict.NotAMember, Verdict.RouteForbidden, Verdict.DirectoryUnavailable,
            Verdict.UnknownMediator, Verdict.KeyDisabled, Verdict.BadSignature, Verdict.QuorumNotMet, Verdict.KeyUnavailable,
        ],
        Enum.GetValues<Verdict>().Where(verdict => VerdictTable.For(verdict).IsUnproved));

    [Fact]
    public void For_NothingButWhatTheLedgerKeepsOrTheTopicsHave_IsSimplyCompleted() =>
        Assert.Equal(
            [Verdict.Forwarded, Verdict.Pending, Verdict.Duplicate, Verdict.Held],
            Enum.GetValues<Verdict>().Where(verdict => VerdictTable.For(verdict).Settlement == SettlementAction.Complete));
}
