// User-assigned, so that its grants exist before the app does and outlive a redeployed or failed-over app.
@description('3 to 128 characters.')
@minLength(3)
@maxLength(128)
param name string

@description('Region.')
param location string

@description('On every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id.')
output id string = identity.id

@description('Tells the SDKs which identity to use.')
output clientId string = identity.properties.clientId

@description('What roles are assigned to.')
output principalId string = identity.properties.principalId
