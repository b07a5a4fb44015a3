using Azure.Storage.Blobs.Models;

namespace Azure.Storage.Blobs.Tests;

public sealed class StorageConnectionStringTests
{
    [Theory]
    [InlineData("UseDevelopmentStorage=true", "http://127.0.0.1:10000/devstoreaccount1/c", "devstoreaccount1")]
    [InlineData("usedevelopmentstorage=TRUE;", "http://127.0.0.1:10000/devstoreaccount1/c", "devstoreaccount1")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=AAAA;EndpointSuffix=core.windows.net", "https://acc.blob.core.windows.net/c", "acc")]
    [InlineData("AccountName=acc;AccountKey=AA==", "https://acc.blob.core.windows.net/c", "acc")]
    [InlineData("AccountName=acc;AccountKey=AAAA;BlobEndpoint=http://localhost:1/acc/", "http://localhost:1/acc/c", "acc")]
    public void Container_OfAConnectionString_HasItsAddressAndAccount(string connectionString, string address, string account)
    {
        var container = new BlobContainerClient(connectionString, "c");
        Assert.Equal(address, container.Uri.AbsoluteUri);
        Assert.Equal(account, container.AccountName);
        Assert.Equal("c", container.Name);
        var blob = container.GetBlobClient("x/y z");
        Assert.Equal(address + "/x/y%20z", blob.Uri.AbsoluteUri);
        Assert.Equal(("x/y z", "c", account), (blob.Name, blob.BlobContainerName, blob.AccountName));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("UseDevelopmentStorage=false")]
    [InlineData("AccountName=acc")]
    [InlineData("AccountName=acc;AccountKey=s3cret!")]
    [InlineData("AccountName=acc;AccountName=acc;AccountKey=AAAA")]
    [InlineData("AccountName=acc;AccountKey=AAAA;BlobEndpoint=ftp://x")]
    [InlineData("DefaultEndpointsProtocol=ftp;AccountName=acc;AccountKey=AAAA")]
    public void Container_OfABadConnectionString_IsAFormatExceptionWithoutTheSecret(string connectionString)
    {
        var exception = Assert.Throws<FormatException>(() => new BlobContainerClient(connectionString, "c"));
        Assert.DoesNotContain("s3cret", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://acc.blob.core.windows.net/c/x/y%20z", "acc", "c", "x/y z")]
    [InlineData("https://127.0.0.1:1/acc/c/x", "acc", "c", "x")]
    [InlineData("https://localhost:1/acc/c/x", "acc", "c", "x")]
    public void Blob_OfAnAddress_HasAccountContainerAndName(string address, string account, string container, string name)
    {
        var blob = new BlobClient(new Uri(address), new RefusingCredential());
        Assert.Equal((account, container, name), (blob.AccountName, blob.BlobContainerName, blob.Name));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/../../other/b")]
    [InlineData("./a")]
    public void GetBlobClient_OfANameThatLeadsElsewhere_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new BlobContainerClient("UseDevelopmentStorage=true", "c").GetBlobClient(name));

    [Fact]
    public void Client_WithATokenOverPlainHttp_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new BlobContainerClient(new Uri("http://127.0.0.1:1/acc/c"), new RefusingCredential()));

    [Fact]
    public void BlobErrorCode_ComparedWithAnExceptionsCode_IsEqualByText()
    {
        var exception = new RequestFailedException(404, "none", "BlobNotFound", null);
        var without = new RequestFailedException(304, "none");

        Assert.True(exception.ErrorCode == BlobErrorCode.BlobNotFound);
        Assert.False(exception.ErrorCode == BlobErrorCode.ContainerNotFound);
        Assert.False(without.ErrorCode == BlobErrorCode.BlobNotFound);
    }
}
