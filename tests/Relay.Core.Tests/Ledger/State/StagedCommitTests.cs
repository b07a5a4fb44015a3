using Relay.Core.Ledger.State;
using Relay.Protocol.Text;

namespace Relay.Core.Tests.Ledger.State;

public sealed class StagedCommitTests
{
    private static readonly StagedCommit Sample = new(
        42,
        [
            new("a/b", "content"u8.ToArray()),
            new("a/c", Array.Empty<byte>()),
            new("a/t.p/3", "3"u8.ToArray(), new StagedBase("a/t.p/2", Digest.Of("12"u8))),
        ],
        ["a/d", "a/e", "a/t.p/2"],
        ["a/f"]);

    [Fact]
    public void TryRead_Written_GivesTheSame()
    {
        Assert.True(StagedCommit.TryRead(Sample.Bytes.ToArray(), out var read, out var error), error);
        Assert.Equal(42, read.Commit);
        Assert.Equal(["a/b", "a/c", "a/t.p/3"], read.Puts.Select(put => put.Name));
        Assert.Equal("content"u8.ToArray(), read.Puts[0].Content.ToArray());
        Assert.Equal(Sample.Puts.Select(put => put.After), read.Puts.Select(put => put.After));
        Assert.Equal(Sample.Deletes, read.Deletes);
        Assert.Equal(Sample.Garbage, read.Garbage);
    }

    [Fact]
    public void TryRead_EveryPrefixAndOneByteMore_IsRefused()
    {
        var bytes = Sample.Bytes.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(StagedCommit.TryRead(bytes.AsMemory(0, length), out _, out var error));
            Assert.Matches("expected .*got ", error);
        }

        Assert.False(StagedCommit.TryRead((byte[])[.. bytes, 0], out _, out _));
    }

    [Fact]
    public void TryRead_EveryBitFlipped_NeverThrowsAndReadsOnlyWhatItWouldWrite()
    {
        var bytes = Sample.Bytes.ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            if (StagedCommit.TryRead(bytes.ToArray(), out var read, out _)) Assert.Equal(bytes, read.Bytes.ToArray());
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Then_WhatGrewFromWhatIsStaged_GrowsFromWhatIsPublished()
    {
        var next = new StagedCommit(
            43,
            [new("a/t.p/5", "45"u8.ToArray(), new StagedBase("a/t.p/3", default)), new("a/u", "u"u8.ToArray())],
            ["a/t.p/3"],
            ["a/b"]);

        var both = Sample.Then(next);

        Assert.Equal(43, both.Commit);
        Assert.Equal(["a/c", "a/t.p/5", "a/u"], both.Puts.Select(put => put.Name));
        Assert.Equal(Sample.Puts[2].After, both.Puts[1].After);
        Assert.True(both.Puts[1].TryGrow("12"u8.ToArray(), out var whole));
        Assert.Equal("12345"u8.ToArray(), whole.ToArray());
        Assert.False(both.Puts[1].TryGrow("13"u8.ToArray(), out _));
        // What was never published needs no deleting, but what is not needed any more may have been published by somebody.
        Assert.Equal(["a/d", "a/e", "a/t.p/2"], both.Deletes);
        Assert.Equal(["a/b", "a/f"], both.Garbage);
    }

    [Fact]
    public void Then_ManyOfAnyNames_IsWhatEachPutInItsPlaceGives()
    {
        var random = new Random(20);
        for (var round = 0; round < 500; round++)
        {
            var staged = StagedCommit.Empty;
            var puts = new SortedDictionary<string, StagedBlob>(StringComparer.Ordinal);
            var deletes = new SortedSet<string>(StringComparer.Ordinal);
            var garbage = new SortedSet<string>(StringComparer.Ordinal);
            for (var commit = 1; commit < 6; commit++)
            {
                var next = Any(commit, puts, random);
                staged = staged.Then(next);
                foreach (var put in next.Puts)
                {
                    var start = put.After is { } after && puts.Remove(after.Name, out var there) ? there : null;
                    puts[put.Name] = start is null
                        ? put
                        : new StagedBlob(put.Name, (byte[])[.. start.Content.Span, .. put.Content.Span], start.After);
                    if (start is null && put.After is { } published) deletes.Add(published.Name);
                }

                foreach (var name in next.Garbage) puts.Remove(name);
                garbage.UnionWith(next.Garbage);
            }

            Assert.Equal(new StagedCommit(5, [.. puts.Values], [.. deletes], [.. garbage]).Bytes.ToArray(), staged.Bytes.ToArray());
        }
    }

    [Fact]
    public void Then_WhatGrewFromWhatIsPublished_HasThatDeletedLater()
    {
        var next = new StagedCommit(44, [new("a/v.p/2", "2"u8.ToArray(), new StagedBase("a/v.p/1", Digest.Of("1"u8)))], ["a/v.p/1"], []);

        var both = StagedCommit.Empty.Then(next);
        var published = both.Published([]);

        Assert.Equal(["a/v.p/1"], both.Deletes);
        Assert.Empty(both.Garbage);
        Assert.Empty(published.Puts);
        Assert.Empty(published.Deletes);
        Assert.Equal(["a/v.p/1"], published.Garbage);
    }

    [Fact]
    public void Published_SomeStayStaged_AndWhatTheOthersSupersededIsGarbage()
    {
        var staged = new StagedCommit(44, [new("a/held/1", "1"u8.ToArray()), new("a/v.p/2", "2"u8.ToArray())], ["a/v.p/1"], []);

        var published = staged.Published([staged.Puts[0]]);

        Assert.Equal(["a/held/1"], published.Puts.Select(put => put.Name));
        Assert.Empty(published.Deletes);
        Assert.Equal(["a/v.p/1"], published.Garbage);
    }

    [Fact]
    public void Without_NamesThatAreInPlace_KeepsAllElse()
    {
        var rest = Sample.Without(new HashSet<string> { Sample.Puts[0].Name, "a/other" });

        Assert.Equal(Sample.Puts[1..], rest.Puts);
        Assert.Equal((Sample.Commit, Sample.Deletes, Sample.Garbage), (rest.Commit, rest.Deletes, rest.Garbage));
        Assert.Same(Sample, Sample.Without(new HashSet<string> { "a/other" }));
    }

    [Theory]
    [InlineData("a/t", "a/t.p/3")]
    [InlineData("a/c", "a/c")]
    [InlineData("a", null)]
    [InlineData("a/x", null)]
    public void FindPlace_FullOrPartial_IsFound(string place, string? name) => Assert.Equal(name, Sample.FindPlace(place)?.Name);

    // Some blobs that are new, some that grow from what is staged or published, and some that are over.
    private static StagedCommit Any(int commit, SortedDictionary<string, StagedBlob> staged, Random random)
    {
        var names = staged.Keys.OrderBy(_ => random.Next()).ToList();
        var puts = new SortedDictionary<string, StagedBlob>(StringComparer.Ordinal);
        foreach (var name in names.Take(random.Next(3))) Put($"{name}{(char)random.Next('-', 'z')}{commit}", new StagedBase(name, default));
        for (var i = random.Next(4); i > 0; i--)
        {
            var name = $"{(char)random.Next('a', 'e')}/{commit}{i}";
            Put(name, random.Next(2) == 0 ? null : new StagedBase($"{name}.p", Digest.Of("published"u8)));
        }

        // Of the same name, as what was damaged is put again.
        if (names.Count > 3 && random.Next(3) == 0) Put(names[3], null);
        var deletes = puts.Values.Select(static put => put.After?.Name).OfType<string>().Order(StringComparer.Ordinal);
        var garbage = new SortedSet<string>(StringComparer.Ordinal) { $"z/{commit}" };
        if (names.Count > 4 && random.Next(2) == 0) garbage.Add(names[4]);
        return new StagedCommit(commit, [.. puts.Values], [.. deletes], [.. garbage]);

        void Put(string name, StagedBase? after)
        {
            var content = new byte[random.Next(4)];
            random.NextBytes(content);
            puts[name] = new StagedBlob(name, content, after);
        }
    }
}
