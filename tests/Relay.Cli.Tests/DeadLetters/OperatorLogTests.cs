using Relay.DeadLetters;
using Relay.Testing;
using Relay.Testing.Ledger;

namespace Relay.Cli.Tests.DeadLetters;

/// <summary>What is changed in the operators' log is noticed; what only somebody else's memory can show is noticed by that.</summary>
public sealed class OperatorLogTests
{
    private readonly MemoryLedgerStore _store = new();
    private readonly List<OperatorLogHead> _told = [];

    [Fact]
    public async Task Read_OfWhatWasWritten_HasEveryHeadThatWasTold()
    {
        var log = await WriteAsync("a", "b", "c");
        var read = await OperatorLog.ReadAsync(_store, CancellationToken.None);
        Assert.Equal(log.Entries.Select(entry => entry.Because), read.Entries.Select(entry => entry.Because));
        Assert.All(_told, head => Assert.True(read.Continues(head)));
        Assert.Equal(3, _told.Count);
    }

    [Fact]
    public async Task Read_OfAnEntryThatWasChanged_Fails()
    {
        await WriteAsync("a", "b", "c");
        await ReplaceAsync(1, text => text.Replace("\"b\"", "\"x\"", StringComparison.Ordinal));
        await Assert.ThrowsAsync<OperatorLogException>(() => OperatorLog.ReadAsync(_store, CancellationToken.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Read_WithoutAnEntryOfBefore_Fails(int index)
    {
        await WriteAsync("a", "b", "c");
        await _store.DeleteAsync(NameOf(index), CancellationToken.None);
        await Assert.ThrowsAsync<OperatorLogException>(() => OperatorLog.ReadAsync(_store, CancellationToken.None));
    }

    [Fact]
    public async Task Continues_OfALogCutAtItsEndOrWrittenAnew_IsFalseForWhatOthersWereTold()
    {
        await WriteAsync("a", "b", "c");
        await _store.DeleteAsync(NameOf(2), CancellationToken.None);
        var cut = await OperatorLog.ReadAsync(_store, CancellationToken.None);
        Assert.Equal([true, true, false], _told.Select(cut.Continues));

        // The last entry is the one place where a change leaves a chain that is whole.
        await ReplaceAsync(1, text => text.Replace("\"b\"", "\"x\"", StringComparison.Ordinal));
        var changed = await OperatorLog.ReadAsync(_store, CancellationToken.None);
        Assert.Equal([true, false, false], _told.Select(changed.Continues));
    }

    [Fact]
    public async Task Add_WhileSomebodyElseDoes_IsRefused()
    {
        var mine = await WriteAsync("a");
        await WriteAsync("b");
        var run = new OperatorRun(mine, "me", "bus", TimeProvider.System, (_, _, _) => Task.CompletedTask);
        await Assert.ThrowsAsync<OperatorLogBusyException>(() => run.EndAsync(OperatorAct.RedriveEnd, 0, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    [InlineData("3")]
    [InlineData("3:short")]
    [InlineData("-1:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    public void Head_OfOtherText_IsNone(string text) => Assert.False(OperatorLogHead.TryParse(text, out _));

    private static string NameOf(int index) => $"operator-log/{index:D12}";

    private async Task<OperatorLog> WriteAsync(params string[] reasons)
    {
        var log = await OperatorLog.ReadAsync(_store, CancellationToken.None);
        var run = new OperatorRun(log, "me", "bus", TimeProvider.System, (_, head, _) =>
        {
            _told.Add(head);
            return Task.CompletedTask;
        });
        foreach (var reason in reasons)
        {
            await run.BeginAsync(OperatorAct.DropBegin, new DeadLetterFilter(), 1, reason, CancellationToken.None);
        }
        return log;
    }

    private async Task ReplaceAsync(int index, Func<string, string> change)
    {
        var blob = await _store.GetAsync(NameOf(index), CancellationToken.None);
        var text = System.Text.Encoding.UTF8.GetString(blob!.Content.Span);
        var changed = change(text);
        Assert.NotEqual(text, changed);
        await _store.PutIfMatchAsync(NameOf(index), System.Text.Encoding.UTF8.GetBytes(changed), blob.ETag, CancellationToken.None);
    }
}
